import type {DuckDBValue} from '@duckdb/node-api'
import * as z from 'zod'
import type {Datasets} from './datasets.ts'
import {bindParameters, queryParameterSchema} from './parameters.ts'
import {parseStatement} from './parse-statement.ts'
import {BigQueryRefusal} from './refusal.ts'
import type {SqlType} from './sql-types.ts'
import type {StatementTree} from './statement-tree.ts'
import {type TableName, toTableName} from './table-name.ts'
import {type StatementTable, translateStatement} from './translate-statement.ts'

/** A statement to be run, from `jobs.insert` or `jobs.query`. */
export const statementSchema = z.object({
  query: z.string(),
  useLegacySql: z.union([z.boolean(), z.literal('false')]).optional(),
  queryParameters: z.array(queryParameterSchema).default([]),
})
export type Statement = z.infer<typeof statementSchema>

export type PreparedStatement = {
  readonly statementType: StatementTree['kind']
  readonly table: StatementTable | undefined
  /** Columns of the table that it reads. */
  readonly read: ReadonlySet<string>
  /** For DuckDB. */
  readonly sql: string
  readonly values: Readonly<Record<string, DuckDBValue>>
}

/** A statement that the emulator took, with what an analyzer needs to check it too. */
export type AcceptedStatement = {
  readonly query: string
  readonly parameters: readonly {readonly name: string; readonly type: SqlType}[]
  readonly table: TableName | undefined
}

/** @throws BigQueryRefusal, as BigQuery refuses a statement before it runs. */
export async function prepareStatement(
  {query, queryParameters, useLegacySql}: Statement,
  {
    datasets,
    projectId,
    onAccepted,
  }: {
    datasets: Datasets
    projectId: string
    onAccepted?: ((statement: AcceptedStatement) => void) | undefined
  },
): Promise<PreparedStatement> {
  // The REST interface's default is the legacy dialect, which knows no quoted names and no parameters.
  if (useLegacySql !== false && useLegacySql !== 'false') {
    throw new BigQueryRefusal(
      400,
      'invalidQuery',
      "the sandbox's BigQuery takes no legacy SQL: set useLegacySql to false",
    )
  }
  const tree = parseStatement(query)
  const table = await findTable(tree, datasets, projectId)
  const parameters = bindParameters(queryParameters)
  const {sql, read} = translateStatement(tree, table, parameters)
  onAccepted?.({
    query,
    parameters: [...parameters.values()].map(({name, type}) => ({name, type})),
    table: table?.name,
  })
  // DuckDB refuses values without a placeholder, BigQuery doesn't.
  const used = [...parameters.values()].filter(({placeholder}) => new RegExp(`\\$${placeholder}\\b`).test(sql))
  const values = Object.fromEntries(used.map(({placeholder, value}) => [placeholder, value]))
  return {statementType: tree.kind, table, read, sql, values}
}

async function findTable(
  {table: path}: StatementTree,
  datasets: Datasets,
  projectId: string,
): Promise<StatementTable | undefined> {
  if (path === undefined) return undefined
  const name = toTableName(path, projectId)
  try {
    return {name, metadata: await datasets.getTable(name.dataset, name.table)}
  } catch (error) {
    if (!(error instanceof BigQueryRefusal)) throw error
    throw new BigQueryRefusal(error.status, error.reason, `${error.message} was not found in location US`)
  }
}
