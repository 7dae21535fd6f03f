import * as z from 'zod'
import type {Database} from './database.ts'
import type {Datasets, TableMetadata} from './datasets.ts'
import {BigQueryRefusal} from './refusal.ts'
import {quoteName} from './translate-expression.ts'
import {toWireResult, type WireResult} from './wire-rows.ts'

/** The service itself hands out at most 10 MB at once. */
const maxPage = 10_000

type Page = {
  readonly dataset: string
  /** Of a table, or of one of its days: `job_runs$20261126`. */
  readonly id: string
  readonly from: number
  readonly maxResults: number | undefined
}

/**
 * Rows of a table, or of a day's partition of it, in no order: BigQuery promises none, so this one gives none that means
 * something. A day without rows is no partition. Source: BigQuery REST reference, tabledata.list.
 *
 * @returns next: where the next page begins; undefined at the end.
 * @throws BigQueryRefusal
 */
export async function listTableData(
  database: Database,
  datasets: Datasets,
  {dataset, id, from, maxResults = maxPage}: Page,
): Promise<{rows: WireResult; total: number; next: number | undefined}> {
  const [name = '', partition] = id.split('$')
  const {schema, timePartitioning} = await datasets.getTable(dataset, name)
  const table = `${quoteName(dataset)}.${quoteName(name)}`
  const where = partition === undefined ? '' : `WHERE ${isOfDay(id, partition, timePartitioning)}`
  const counted = await database.run(`SELECT COUNT(*) FROM ${table} ${where}`)
  const total = Number(counted.getRows()[0]?.[0])
  if (partition !== undefined && total === 0) throw new BigQueryRefusal(404, 'notFound', `Not found: Partition ${id}`)
  const columns = schema.fields.map(field => quoteName(field.name.toLowerCase())).join(', ')
  const size = Math.min(maxResults, maxPage)
  const page = `ORDER BY md5(CAST(rowid AS VARCHAR)) LIMIT ${size} OFFSET ${from}`
  const rows = toWireResult(await database.run(`SELECT ${columns} FROM ${table} ${where} ${page}`))
  const next = from + size < total ? from + size : undefined
  return {rows, total, next}
}

/** @throws BigQueryRefusal unless the table is partitioned by days of a column, and a day was given. */
function isOfDay(id: string, partition: string, partitioning: TableMetadata['timePartitioning']): string {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)$/.exec(partition) ?? []
  const {data: day} = z.iso.date().safeParse(parts.join('-'))
  if (partitioning?.type !== 'DAY' || partitioning.field === undefined || day === undefined) {
    throw new BigQueryRefusal(400, 'invalid', `Invalid table decorator: ${id}`)
  }
  const column = quoteName(partitioning.field.toLowerCase())
  return `CAST(${column} AT TIME ZONE 'UTC' AS DATE) = DATE '${day}'`
}
