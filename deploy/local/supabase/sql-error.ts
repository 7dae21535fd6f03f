import * as z from 'zod'

/** What Postgres says about a statement it refuses, field for field as the protocol carries it. */
export const sqlErrorSchema = z.object({
  severity: z.string(),
  sqlState: z.string(),
  message: z.string(),
  /** Where in the text, counted in characters from 1. */
  position: z.number().optional(),
  detail: z.string().optional(),
  hint: z.string().optional(),
  internalQuery: z.string().optional(),
  context: z.string().optional(),
})
export type SqlError = z.infer<typeof sqlErrorSchema>

/**
 * The text that the endpoint answers for a refused statement, final line break included. It looks like psql's, and is
 * made by supabase/postgres-meta (`src/lib/db.ts`), oddities too: an error at the very end of the text has no line of
 * its own, and is printed as an empty `LINE 0`.
 */
export function formatSqlError(error: SqlError, sql: string): string {
  return [
    `${error.severity}:  ${error.sqlState}: ${error.message}\n`,
    error.position === undefined ? '' : pointAt(error.position, sql),
    error.detail === undefined ? '' : `DETAIL:  ${error.detail}\n`,
    error.hint === undefined ? '' : `HINT:  ${error.hint}\n`,
    error.internalQuery === undefined ? '' : `QUERY:  ${error.internalQuery}\n`,
    error.context === undefined ? '' : `CONTEXT:  ${error.context}\n`,
  ].join('')
}

/** The line with a caret below the character. */
function pointAt(position: number, sql: string): string {
  let line = {number: 0, text: '', column: 0}
  let start = 0
  for (const [index, text] of sql.split('\n').entries()) {
    if (start + text.length > position - 1) {
      line = {number: index + 1, text, column: position - 1 - start}
      break
    }
    start += text.length + 1
  }
  const label = `LINE ${line.number}: `
  return `${label}${line.text}\n${' '.repeat(label.length + line.column)}^\n`
}
