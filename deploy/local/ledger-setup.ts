import type {BigQuery} from '@google-cloud/bigquery'
import {bigQueryErrorOf} from '../../lib/bigquery/bigquery-error.ts'
import {ledgerDataset, ledgerLocation, ledgerTable, ledgerTableMetadata} from '../../lib/ledger/ledger-table.ts'

/** Creates the ledger's dataset and table where they are missing. */
export async function setUpLedger(bigQuery: BigQuery): Promise<void> {
  const dataset = bigQuery.dataset(ledgerDataset, {location: ledgerLocation})
  await dataset.create().catch(ignoreDuplicate)
  await dataset.createTable(ledgerTable, ledgerTableMetadata).catch(ignoreDuplicate)
}

function ignoreDuplicate(error: unknown): void {
  if (bigQueryErrorOf(error).status !== 409) throw error
}
