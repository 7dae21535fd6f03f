import {messages, type PGlite, protocol} from '@electric-sql/pglite'
import {parseColumnValue} from './column-value.ts'
import type {QueryOutcome} from './query-outcome.ts'
import {type SqlError, sqlErrorSchema} from './sql-error.ts'

/**
 * Sends the text as ONE message of Postgres' simple query protocol, as node-postgres does behind the endpoint. So it is
 * Postgres itself that makes all statements one implicit transaction, that lets an explicit BEGIN or COMMIT in the text
 * split it, and that refuses CREATE INDEX CONCURRENTLY unless it stands alone.
 *
 * The rows are those of the last statement that has any: that is what supabase/postgres-meta picks.
 *
 * @throws Error when the database doesn't answer to the end: it has crashed, and answers nothing from then on
 */
export async function runSimpleQuery(database: PGlite, sql: string): Promise<QueryOutcome> {
  // Followed by a CopyFail: a COPY FROM STDIN would wait for data for ever, and Postgres ignores the message otherwise.
  const request = Buffer.concat([
    protocol.serialize.query(sql),
    protocol.serialize.copyFail('No source stream defined'),
  ])
  const answer = await database.execProtocol(request, {throwOnError: false})

  let columns: {readonly name: string; readonly dataTypeID: number}[] = []
  let statement: Record<string, unknown>[] = []
  let rows: Record<string, unknown>[] = []
  let error: SqlError | undefined
  let isAnswered = false
  for (const message of answer.messages) {
    if (message instanceof messages.RowDescriptionMessage) {
      columns = message.fields
      statement = []
    } else if (message instanceof messages.DataRowMessage) {
      statement.push(toRow(columns, message.fields))
    } else if (message instanceof messages.CommandCompleteMessage) {
      if (statement.length > 0) rows = statement
      statement = []
    } else if (message instanceof messages.DatabaseError) {
      error ??= toSqlError(message)
    } else if (message instanceof messages.ReadyForQueryMessage) {
      isAnswered = true
    }
  }
  if (!isAnswered) throw new Error('the database ended in the middle of a query')
  return error === undefined ? {kind: 'rows', rows} : {kind: 'refused', error}
}

function toRow(
  columns: readonly {readonly name: string; readonly dataTypeID: number}[],
  cells: readonly (string | null)[],
): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(({name, dataTypeID}, index) => [name, parseColumnValue(dataTypeID, cells[index] ?? null)]),
  )
}

function toSqlError(error: messages.DatabaseError): SqlError {
  const optional = {
    position: error.position === undefined ? undefined : Number(error.position),
    detail: error.detail,
    hint: error.hint,
    internalQuery: error.internalQuery,
    // The functions that stand for supautils (`project/6-ownership.sql`): the real refusal has no context.
    context: error.where?.includes('guard_platform_') ? undefined : error.where,
  }
  return sqlErrorSchema.parse({
    severity: error.severity,
    sqlState: error.code,
    message: error.message,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  })
}
