import * as z from 'zod'

/** One statement at the top level of a file. */
export type Statement = {
  /** PostgreSQL's own name of the node: `TransactionStmt`, `IndexStmt`. */
  readonly node: string
  readonly body: Readonly<Record<string, unknown>>
  /** Where it begins, from 1. */
  readonly line: number
}

export type SyntaxProblem = {
  readonly line: number
  /** PostgreSQL's own words. */
  readonly message: string
  /** The line, and a caret below the character. */
  readonly excerpt: readonly string[]
  /** What the text up to the error, or rather its last complete statement, holds. */
  readonly before: readonly Statement[]
}

const treeSchema = z.object({
  stmts: z.array(z.object({stmt: z.record(z.string(), z.unknown()), stmt_location: z.number().default(0)})).default([]),
})
const bodySchema = z.record(z.string(), z.unknown())
const errorSchema = z.object({message: z.string(), sqlDetails: z.object({cursorPosition: z.number()})})
const maxExcerpt = 100

/**
 * Takes a file apart with PostgreSQL's own parser. Release 18's reads what 15 to 18 accept.
 *
 * @throws Error where the parser itself fails.
 */
export async function parseSql(sql: string): Promise<{statements: Statement[]} | {problem: SyntaxProblem}> {
  if (sql.trim() === '') return {statements: []}
  // 1.7 MB of WebAssembly: a run with nothing to apply never loads it.
  const {parse} = await import('libpg-query')
  try {
    return {statements: toStatements(sql, treeSchema.parse(await parse(sql)))}
  } catch (error) {
    const known = errorSchema.safeParse(error)
    if (!known.success) throw error
    return {problem: await toProblem(sql, known.data.message, known.data.sqlDetails.cursorPosition)}
  }
}

function toStatements(sql: string, {stmts}: z.infer<typeof treeSchema>): Statement[] {
  const bytes = Buffer.from(sql)
  let line = 1
  let at = 0
  return stmts.map(({stmt, stmt_location: location}) => {
    for (; at < location; at += 1) if (bytes[at] === 10) line += 1
    const [node = '', body] = Object.entries(stmt)[0] ?? []
    return {
      node,
      body: bodySchema.safeParse(body).data ?? {},
      line: line + (location === 0 ? leadingBlankLines(sql) : 0),
    }
  })
}

/** A first statement's location is 0, whatever stands before it. */
function leadingBlankLines(sql: string): number {
  const [blank = ''] = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(sql) ?? []
  return blank.split('\n').length - 1
}

/** @param position in characters (not UTF-16 units), from 0. */
async function toProblem(sql: string, message: string, position: number): Promise<SyntaxProblem> {
  const before = [...sql].slice(0, position).join('')
  const line = before.split('\n').length
  const text = (sql.split('\n')[line - 1] ?? '').replace(/\r$/, '')
  const column = [...before.slice(before.lastIndexOf('\n') + 1)].length
  const start = Math.max(0, column - maxExcerpt / 2)
  const label = `LINE ${line}: `
  const excerpt = [
    `${label}${[...text]
      .slice(start, start + maxExcerpt)
      .join('')
      .replaceAll('\t', ' ')}`,
    `${' '.repeat(label.length + column - start)}^`,
  ]
  const complete = before.slice(0, before.lastIndexOf(';') + 1)
  const parsed = complete === '' ? {statements: []} : await parseSql(complete)
  return {line, message, excerpt, before: 'statements' in parsed ? parsed.statements : []}
}
