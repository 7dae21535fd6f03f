import {join} from 'node:path'
import {type DuckDBConnection, type DuckDBResultReader, type DuckDBValue, listValue} from '@duckdb/node-api'
import type {BoundParameter} from './parameters.ts'
import {parameterName} from './sql-translation.ts'

/** DuckDB behind the stand-in. One statement at a time: what BigQuery does atomically is atomic here. */
export type Database = {
  readonly run: (sql: string, parameters?: readonly BoundParameter[]) => Promise<DuckDBResultReader>
  /** Several statements with nobody between them; all or none are kept. */
  readonly transaction: <T>(act: (run: Database['run']) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

/** GoogleSQL's functions under their own names. */
const macros = [
  'PARSE_JSON(x) AS CAST(x AS JSON)',
  'TO_JSON_STRING(x) AS CAST(x AS VARCHAR)',
  'JSON_VALUE(x, p) AS json_extract_string(x, p)',
  'COUNTIF(x) AS count_if(x)',
  'bq_date(x) AS CAST(x AS DATE)',
]

/** @param dataFolder where the database file is; absent: in memory. */
export async function openDatabase(dataFolder: string | undefined): Promise<Database> {
  const {DuckDBInstance} = await import('@duckdb/node-api')
  const path = dataFolder === undefined ? ':memory:' : join(dataFolder, 'bigquery.duckdb')
  // The sandbox shares two cores with what it serves.
  const instance = await DuckDBInstance.create(path, {threads: '2'})
  const connection = await instance.connect()
  for (const macro of macros) await connection.run(`CREATE OR REPLACE MACRO ${macro}`)

  let queue: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const result = queue.then(act)
    queue = result.catch(() => undefined)
    return result
  }
  const run: Database['run'] = (sql, parameters) => execute(connection, sql, parameters ?? [])
  return {
    run: (sql, parameters) => inTurn(() => run(sql, parameters)),
    transaction: act =>
      inTurn(async () => {
        await connection.run('BEGIN')
        try {
          const result = await act(run)
          await connection.run('COMMIT')
          return result
        } catch (error) {
          await connection.run('ROLLBACK')
          throw error
        }
      }),
    close: () =>
      inTurn(async () => {
        if (dataFolder !== undefined) await connection.run('CHECKPOINT')
        connection.closeSync()
        instance.closeSync()
      }),
  }
}

/** Parameters go in as text and are cast, so that DuckDB checks them as BigQuery would. */
function execute(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly BoundParameter[],
): Promise<DuckDBResultReader> {
  if (parameters.length === 0) return connection.runAndReadAll(sql)
  const values: Record<string, DuckDBValue> = {}
  let text = sql
  for (const {name, duckType, value} of parameters) {
    const placeholder = parameterName(name)
    text = text.replace(new RegExp(`\\${placeholder}\\b`, 'g'), () => `CAST(${placeholder} AS ${duckType})`)
    values[placeholder.slice(1)] = Array.isArray(value) ? listValue(value) : value
  }
  return connection.runAndReadAll(text, values)
}
