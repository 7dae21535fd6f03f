import {createHash} from 'node:crypto'
import {ConfigurationError} from '../errors/configuration-error.ts'

export type MigrationFile = {
  /** `02a_tenant_settings.sql`; the order is that of the whole name. */
  readonly name: string
  readonly sql: string
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly checksum: string
  /** Sent alone, outside a transaction, as `CREATE INDEX CONCURRENTLY` wants it. */
  readonly isAlone: boolean
  /** Ends its transaction itself: file and record are then not one. */
  readonly hasOwnTransaction: boolean
}

const namePattern = /^\d{2,}[a-z]?_[A-Za-z0-9_.-]+\.sql$/
const alonePattern = /^[ \t]*--[ \t]*migrate:[ \t]*no-transaction[ \t]*\r?$/m
const transactionPattern = /^[ \t]*(commit|rollback)([ \t]+(work|transaction))?[ \t]*;/im
/** Bodies of functions and the like, in which a COMMIT is another matter. */
const dollarQuoted = /\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$/g

/**
 * Reads a folder's files as migrations, in their order.
 *
 * @throws ConfigurationError with every problem at once: names that are no migration's, names that differ only in case,
 *   files that are no UTF-8 text.
 */
export function parseMigrationFiles(files: readonly {name: string; bytes: Buffer}[]): MigrationFile[] {
  const problems: string[] = []
  const seen = new Map<string, string>()
  const migrations = files.flatMap(({name, bytes}) => {
    if (!name.toLowerCase().endsWith('.sql')) return []
    if (!namePattern.test(name)) {
      problems.push(`${JSON.stringify(name)} is no migration's name: NN_description.sql or NNa_description.sql`)
    }
    const twin = seen.get(name.toLowerCase())
    if (twin !== undefined) problems.push(`${twin} and ${name} differ only in case`)
    seen.set(name.toLowerCase(), name)
    const sql = toText(bytes)
    if (sql === undefined) problems.push(`${name} is not UTF-8 text`)
    return [
      {
        name,
        sql: sql ?? '',
        checksum: createHash('sha256').update(bytes).digest('hex'),
        isAlone: alonePattern.test(sql ?? ''),
        hasOwnTransaction: transactionPattern.test((sql ?? '').replace(dollarQuoted, '')),
      },
    ]
  })
  if (problems.length > 0) throw new ConfigurationError(problems)
  return migrations.toSorted((a, b) => compareNames(a.name, b.name))
}

/** By number, then letter (none before `a`), then the rest: `02_`, `02a_`, `03_`, `10_`. */
export function compareNames(a: string, b: string): number {
  const [numberA, letterA] = splitName(a)
  const [numberB, letterB] = splitName(b)
  if (numberA !== numberB) return numberA - numberB
  if (letterA !== letterB) return letterA < letterB ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

function splitName(name: string): [number, string] {
  const match = /^(\d+)([a-z]?)/.exec(name)
  return [Number(match?.[1] ?? 0), match?.[2] ?? '']
}

function toText(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: false}).decode(bytes)
  } catch {
    return undefined
  }
}
