import type {MigrationFile} from './migration-file.ts'
import {parseSql, type Statement} from './parse-sql.ts'
import {kindOf, type StatementKind} from './statement-kind.ts'

/**
 * How a file is sent. `transaction`: in one with its record. `own transactions`: it has transaction control of its own,
 * so its record is another transaction. `outside`: its one statement can't run in a transaction.
 */
export type FileKind = 'transaction' | 'own transactions' | 'outside'

export type AnalyzedFile = MigrationFile & {
  readonly kind: FileKind
  /** Whether a failure can leave a part of it: more than one transaction. */
  readonly mayStayInPart: boolean
  readonly statements: readonly Statement[]
  /** Each with the line; nothing runs while there is one. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

const marker = /^[ \t]*--[ \t]*migrate:[ \t]*no-transaction[ \t]*\r?$/m

/** What PostgreSQL's parser says about a file, before anything runs. */
export async function analyzeFile(file: MigrationFile): Promise<AnalyzedFile> {
  const parsed = await parseSql(file.sql)
  const nothing = {
    ...file,
    kind: 'transaction',
    mayStayInPart: false,
    statements: [],
    problems: [],
    warnings: [],
  } as const
  if ('problem' in parsed) {
    const {line, message, excerpt, before} = parsed.problem
    const last = before.at(-1)
    const lastKind = last === undefined ? undefined : kindOf(last)
    if (last !== undefined && lastKind?.kind === 'unsupported') {
      return {...nothing, problems: [`${file.name}, line ${last.line}: ${lastKind.why}`]}
    }
    if (/at or near "\\/.test(message)) {
      const hint = `psql's commands (\\…) exist only in psql: take it out`
      return {...nothing, problems: [`${file.name}, line ${line}: ${hint}`, ...excerpt]}
    }
    return {...nothing, problems: [`${file.name}, line ${line}: ${message}`, ...excerpt]}
  }
  const {statements} = parsed
  const kinds = statements.map(statement => ({...kindOf(statement), line: statement.line}))
  const unsupported = kinds.flatMap(found =>
    found.kind === 'unsupported' ? [`${file.name}, line ${found.line}: ${found.why}`] : [],
  )
  if (unsupported.length > 0) return {...nothing, statements, problems: unsupported}
  const outside = kinds.find(({kind}) => kind === 'outside')
  const isMarked = marker.test(file.sql)
  if (outside !== undefined || isMarked) {
    const words = outside?.kind === 'outside' ? outside.words : 'what is marked "migrate: no-transaction"'
    const problems = kinds.length > 1 ? [split(file.name, outside?.line ?? 1, words)] : []
    const warnings = ['outside a transaction: what it did before an error stays']
    return {...nothing, kind: 'outside', mayStayInPart: true, statements, problems, warnings}
  }
  if (kinds.every(({kind}) => kind === 'plain')) {
    const warnings = statements.length === 0 ? ['it holds no statement'] : []
    return {...nothing, statements, warnings}
  }
  const control = followTransactions(kinds, file.name)
  return {...nothing, kind: 'own transactions', statements, ...control}
}

function split(name: string, line: number, words: string): string {
  const [, number = '', letter = ''] = /^(\d+)([a-z]?)/.exec(name) ?? []
  const next = letter === '' ? 'a' : String.fromCharCode(letter.charCodeAt(0) + 1)
  const after = String.fromCharCode(next.charCodeAt(0) + 1)
  return `${name}, line ${line}: ${words} can't run in a transaction, so it must be its file's only statement: move it to ${number}${next}_….sql, and what comes after it to ${number}${after}_….sql`
}

/**
 * Follows what a file's BEGINs and ends do when the whole file is one request. PostgreSQL's documentation, "Multiple
 * statements in a simple query": what stands before a BEGIN belongs to its transaction.
 */
function followTransactions(
  kinds: readonly (StatementKind & {readonly line: number})[],
  name: string,
): Pick<AnalyzedFile, 'mayStayInPart' | 'problems' | 'warnings'> {
  const problems: string[] = []
  const warnings: string[] = []
  let beginLine: number | undefined
  /** Of statements before the BEGIN in the same transaction, and of those after it. */
  let firstLine: number | undefined
  let isUsed = false
  let transactions = 0
  for (const found of kinds) {
    if (found.kind === 'begin') beginLine ??= found.line
    else if (found.kind === 'end') {
      if (found.isRollback && firstLine !== undefined) {
        problems.push(
          `${name}, line ${found.line}: this ROLLBACK also undoes what comes before its BEGIN, from line ${firstLine} on: put a COMMIT before the BEGIN, or take the ROLLBACK out`,
        )
      } else if (found.isRollback && isUsed) {
        warnings.push(`line ${found.line}: ROLLBACK undoes what comes after line ${beginLine}`)
      } else if (firstLine !== undefined || isUsed) transactions += 1
      firstLine = undefined
      isUsed = false
      beginLine = found.isChained ? found.line : undefined
    } else if (beginLine === undefined) firstLine ??= found.line
    else isUsed = true
  }
  if (beginLine !== undefined) {
    problems.push(
      `${name}, line ${beginLine}: the transaction that begins here is never committed, so all of it would be lost: put COMMIT at the end, or take the BEGIN out`,
    )
  }
  if (firstLine !== undefined) transactions += 1
  const mayStayInPart = transactions > 1
  const own = mayStayInPart
    ? `${transactions} transactions of its own: if it fails, a part may stay`
    : 'a transaction of its own: its record is written after it'
  return {mayStayInPart, problems, warnings: [own, ...warnings]}
}
