import {join} from 'node:path'
import type {DuckDBResultReader, DuckDBValue} from '@duckdb/node-api'

/** DuckDB behind the emulator. One statement at a time: what BigQuery does atomically is atomic here. */
export type Database = {
  /** `values` are those of the placeholders `$name`. */
  readonly run: (sql: string, values?: Readonly<Record<string, DuckDBValue>>) => Promise<DuckDBResultReader>
  /** Several statements with none of another caller between them; all or none are kept. */
  readonly transaction: <T>(act: (run: Database['run']) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

/** No statement reads or writes another file, fetches an extension, or opens this again. */
const closed = {
  enable_external_access: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  lock_configuration: 'true',
}

/** @param dataFolder where the database file is; absent: in memory. */
export async function openDatabase(dataFolder: string | undefined): Promise<Database> {
  const {DuckDBInstance} = await import('@duckdb/node-api')
  const path = dataFolder === undefined ? ':memory:' : join(dataFolder, 'bigquery.duckdb')
  // On tables of a sandbox's size a second thread only costs: a statement takes a sixth longer with it.
  const instance = await DuckDBInstance.create(path, {threads: '1', ...closed})
  const connection = await instance.connect()

  let queue: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const result = queue.then(act)
    queue = result.catch(() => undefined)
    return result
  }
  const run: Database['run'] = (sql, values) =>
    connection.runAndReadAll(sql, values === undefined ? undefined : {...values})
  return {
    run: (sql, values) => inTurn(() => run(sql, values)),
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
