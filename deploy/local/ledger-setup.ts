import type {BigQuery} from '@google-cloud/bigquery'
import * as z from 'zod'
import {bigQueryErrorOf} from '../../lib/bigquery/bigquery-error.ts'
import {ledgerDataset, ledgerLocation, ledgerTable, ledgerTableMetadata} from '../../lib/ledger/ledger-table.ts'

const tableSchema = z.object({schema: z.object({fields: z.array(z.looseObject({name: z.string()}))})})

/** Creates the ledger's dataset and table where they are missing; a table of an earlier release gets its new columns. */
export async function setUpLedger(bigQuery: BigQuery): Promise<void> {
  const dataset = bigQuery.dataset(ledgerDataset, {location: ledgerLocation})
  await dataset.create().catch(ignoreDuplicate)
  await dataset.createTable(ledgerTable, ledgerTableMetadata).catch(ignoreDuplicate)
  const [metadata] = await dataset.table(ledgerTable).getMetadata()
  const {fields} = tableSchema.parse(metadata).schema
  const missing = ledgerTableMetadata.schema.fields.filter(({name}) => !fields.some(field => field.name === name))
  if (missing.length > 0) await dataset.table(ledgerTable).setMetadata({schema: {fields: [...fields, ...missing]}})
}

function ignoreDuplicate(error: unknown): void {
  if (bigQueryErrorOf(error).status !== 409) throw error
}
