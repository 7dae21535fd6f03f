import type {Database} from './database.ts'
import {quoteName} from './translate-expression.ts'
import type {StatementTable} from './translate-statement.ts'

/** Bytes of a value by type; text is 2 bytes and its UTF-8. Source: BigQuery documentation, "Data size calculation". */
const fixedBytes: Readonly<Record<string, number>> = {
  INT64: 8,
  INTEGER: 8,
  FLOAT64: 8,
  FLOAT: 8,
  TIMESTAMP: 8,
  DATE: 8,
  BOOL: 1,
  BOOLEAN: 1,
}

/**
 * The bytes that a statement would read: of every row, the columns that it names. The column that a table is partitioned
 * by costs nothing, since partitions are pruned by it, and a DELETE of whole partitions scans none.
 */
export async function estimateBytes(
  database: Database,
  {name: {dataset, table}, metadata: {schema, timePartitioning}}: StatementTable,
  read: ReadonlySet<string>,
): Promise<number> {
  const sums = schema.fields
    .filter(({name}) => read.has(name) && name.toLowerCase() !== timePartitioning?.field?.toLowerCase())
    .map(({name, type}) => {
      const column = quoteName(name.toLowerCase())
      const fixed = fixedBytes[type]
      return fixed === undefined
        ? `COALESCE(SUM(2 + strlen(CAST(${column} AS VARCHAR))), 0)`
        : `COUNT(${column}) * ${fixed}`
    })
  if (sums.length === 0) return 0
  const result = await database.run(`SELECT ${sums.join(' + ')} FROM ${quoteName(dataset)}.${quoteName(table)}`)
  return Number(result.getRows()[0]?.[0] ?? 0)
}
