import {ledgerDataset} from '../../../lib/ledger/ledger-table.ts'
import type {ResourceType} from './resource-type.ts'

/** The ledger's dataset and its one table. */
export const ledger: ResourceType<'ledger'> = {
  name: 'ledger',
  api: 'bigquery.googleapis.com',
  async read({ledger}) {
    const [dataset, table] = await Promise.all([ledger.dataset(ledgerDataset), ledger.table()])
    return [
      ...(dataset === undefined
        ? []
        : [{type: 'ledger' as const, name: 'dataset', fields: {location: dataset.location}}]),
      ...(table === undefined ? [] : [{type: 'ledger' as const, name: 'table', fields: table}]),
    ]
  },
  create: ({name}) => [{ledger: {change: name === 'dataset' ? 'create dataset' : 'create table'}}],
  update: ({name}, changes) =>
    // A dataset can't move, partitions and types can't change: only expiry and further columns.
    name === 'table' && changes.every(({field, from}) => field.startsWith('expire') || from === undefined)
      ? [{ledger: {change: 'update table'}}]
      : undefined,
  fix: ({name}) => `the ledger's ${name} is not as declared, and BigQuery can't change it in place: copy it by hand`,
}
