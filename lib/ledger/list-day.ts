import type {BigQuery} from '@google-cloud/bigquery'
import * as z from 'zod'
import {bigQueryErrorOf} from '../bigquery/bigquery-error.ts'
import type {LedgerEntry} from './ledger-entry.ts'
import {ledgerDataset, ledgerTable, parseLedgerRow} from './ledger-table.ts'

/** Rows of one page, about a megabyte. */
const maxRows = 1000

const ofRunSchema = z.looseObject({run_id: z.string()})

/**
 * Lists a day's rows (UTC), which are a partition of the table: quick and free, where a query takes a second or more and
 * bills 10 MB. Sources: Google, "Managing partitioned table data", "Browse the data in a partition"; BigQuery REST
 * reference, tabledata.list.
 *
 * @returns what the run has of them, oldest first; undefined where the day has more than a thousand.
 * @throws Error of the client.
 */
export type ListDay = (runId: string, day: Date) => Promise<LedgerEntry[] | undefined>

export function createListDay(bigQuery: BigQuery): ListDay {
  const tableOf = (name: string) => bigQuery.dataset(ledgerDataset).table(name)
  let columns: Promise<unknown> | undefined
  /** A listed row is its values in the order of the table's own columns, which may have grown. */
  const readColumns = async () => (await tableOf(ledgerTable).getMetadata())[0].schema
  return async (runId, day) => {
    columns ??= readColumns()
    const schema = await columns.catch(error => {
      columns = undefined
      throw error
    })
    const partition = tableOf(`${ledgerTable}$${day.toISOString().slice(0, 10).replaceAll('-', '')}`)
    partition.metadata = {schema}
    const [rows = [], more] = await partition.getRows({maxResults: maxRows, autoPaginate: false}).catch(error => {
      // The table was there: a day without a row may be no partition.
      if (bigQueryErrorOf(error).status === 404) return [[], undefined]
      throw error
    })
    if (more !== null && more !== undefined) return undefined
    return rows
      .filter(row => ofRunSchema.safeParse(row).data?.run_id === runId)
      .map(parseLedgerRow)
      .toSorted((a, b) => a.at.getTime() - b.at.getTime() || a.attempt - b.attempt)
  }
}
