import {createHash} from 'node:crypto'
import {ConfigurationError} from '../errors/configuration-error.ts'

export type MigrationFile = {
  /** `02a_tenant_settings.sql`; the order is that of the whole name. */
  readonly name: string
  readonly sql: string
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly checksum: string
  /** What older runners may have recorded for the same content: SHA-256 and MD5, of the bytes or with LF line ends. */
  readonly equalChecksums: readonly string[]
  readonly bytes: number
}

const namePattern = /^\d{2,}[a-z]?_[A-Za-z0-9_.-]+\.sql$/

/**
 * Reads a folder's files as migrations, in their order.
 *
 * @throws ConfigurationError with every problem at once: names that aren't a migration's, names that differ only in case,
 *   files that aren't UTF-8 text.
 */
export function parseMigrationFiles(files: readonly {name: string; bytes: Buffer}[]): MigrationFile[] {
  const problems: string[] = []
  const seen = new Map<string, string>()
  const migrations = files.flatMap(({name, bytes}) => {
    if (!name.toLowerCase().endsWith('.sql')) return []
    if (!namePattern.test(name)) {
      problems.push(`${JSON.stringify(name)} isn't a migration's name: NN_description.sql or NNa_description.sql`)
    }
    const twin = seen.get(name.toLowerCase())
    if (twin !== undefined) problems.push(`${twin} and ${name} differ only in case`)
    seen.set(name.toLowerCase(), name)
    const sql = toText(bytes)
    if (sql === undefined) problems.push(`${name} is not UTF-8 text`)
    else if (sql.includes('\0')) problems.push(`${name} contains a NUL character, which PostgreSQL refuses`)
    return [
      {
        name,
        sql: sql ?? '',
        checksum: createHash('sha256').update(bytes).digest('hex'),
        equalChecksums: equalChecksumsOf(bytes, sql ?? ''),
        bytes: bytes.length,
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

function equalChecksumsOf(bytes: Buffer, sql: string): string[] {
  const texts = [bytes, sql, sql.replaceAll('\r\n', '\n'), sql.replaceAll(/\r\n?/g, '\n')]
  return [...new Set(texts.flatMap(text => ['sha256', 'md5'].map(name => createHash(name).update(text).digest('hex'))))]
}

function toText(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: false}).decode(bytes)
  } catch {
    return undefined
  }
}
