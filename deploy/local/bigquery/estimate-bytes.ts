import type {Database} from './database.ts'
import type {Datasets} from './datasets.ts'
import type {Translation} from './sql-translation.ts'

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
 * by costs nothing, since partitions are left out by it, and a DELETE of whole partitions scans none.
 */
export async function estimateBytes(database: Database, datasets: Datasets, translation: Translation): Promise<number> {
  let bytes = 0
  for (const {dataset, table} of translation.tables) {
    const {schema, timePartitioning} = await datasets.getTable(dataset, table)
    const read = schema.fields.filter(({name}) => {
      const isNamed = translation.words.has(name.toLowerCase())
      return isNamed && name.toLowerCase() !== timePartitioning?.field?.toLowerCase()
    })
    const sums = read.map(({name, type}) => {
      const fixed = fixedBytes[type]
      return fixed === undefined
        ? `COALESCE(SUM(2 + strlen(CAST("${name}" AS VARCHAR))), 0)`
        : `COUNT("${name}") * ${fixed}`
    })
    if (sums.length === 0) continue
    const result = await database.run(`SELECT ${sums.join(' + ')} FROM "${dataset}"."${table}"`)
    bytes += Number(result.getRows()[0]?.[0] ?? 0)
  }
  return bytes
}
