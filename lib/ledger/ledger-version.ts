import type {BigQuery} from '@google-cloud/bigquery'
import * as z from 'zod'
import {bigQueryErrorOf} from '../bigquery/bigquery-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {withDeadline} from '../http/deadline.ts'
import {ledgerDataset, ledgerTable} from './ledger-table.ts'

const deadlineSeconds = 15

/**
 * Changes whenever a row is written. `tables.get` costs nothing, where a query bills 10 MB at least.
 * Source: BigQuery REST reference, Table, `lastModifiedTime`.
 *
 * @returns undefined where the service names no time: then nothing can be concluded.
 * @throws UnavailableError
 */
export async function readLedgerVersion(bigQuery: BigQuery): Promise<string | undefined> {
  const schema = z.object({lastModifiedTime: z.string().optional()})
  const failed = (reason: string, cause?: unknown) =>
    new UnavailableError(`can't read the run ledger (BigQuery: ${reason})`, {mayHaveExecuted: false}, {cause})
  try {
    const [metadata] = await withDeadline(
      deadlineSeconds * 1000,
      () => failed(`no answer in ${deadlineSeconds} s`),
      () => bigQuery.dataset(ledgerDataset).table(ledgerTable).getMetadata(),
    )
    return schema.parse(metadata).lastModifiedTime
  } catch (error) {
    throw error instanceof UnavailableError ? error : failed(bigQueryErrorOf(error).message, error)
  }
}
