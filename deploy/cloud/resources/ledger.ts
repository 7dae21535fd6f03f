import {ledgerDataset} from '../../../lib/ledger/ledger-table.ts'
import type {Fields} from './resource.ts'
import type {Kind} from './resource-type.ts'

const bigQuery = 'bigquery.googleapis.com'

/** The ledger's dataset and its one table. */
export const ledger: Kind = {
  name: 'ledger',
  api: bigQuery,
  async read({ledger}) {
    const [dataset, table] = await Promise.all([ledger.dataset(ledgerDataset), ledger.table()])
    return [
      ...(dataset === undefined
        ? []
        : [{kind: 'ledger' as const, name: 'dataset', fields: {location: dataset.location}}]),
      ...(table === undefined ? [] : [{kind: 'ledger' as const, name: 'table', fields: table}]),
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

/** Who may write in which dataset. */
export const datasetAccess: Kind = {
  name: 'dataset-access',
  api: bigQuery,
  async read({ledger}, desired) {
    const datasets = [...new Set(desired.map(({payload}) => payload?.['dataset'] ?? ''))]
    const found = await Promise.all(
      datasets.map(async id => {
        const dataset = await ledger.dataset(id)
        return desired
          .filter(({payload}) => payload?.['dataset'] === id)
          .flatMap(({kind, name, payload}) => {
            if (dataset === undefined) return id === ledgerDataset ? [] : {kind, name, fields: {dataset: 'not there'}}
            return dataset.writers.includes(payload?.['account'] ?? '') ? {kind, name, fields: {}} : []
          })
      }),
    )
    return found.flat()
  },
  create: ({payload}) => [
    {ledger: {change: 'let write', dataset: payload?.['dataset'] ?? '', account: payload?.['account'] ?? ''}},
  ],
  fix: ({payload}) => describeAbsentDataset(payload),
  lock: ({payload}) => `dataset ${payload?.['dataset']}`,
}

/** Datasets that are not the ledger's are made by the API. */
function describeAbsentDataset({dataset, environment}: Fields = {}): string {
  return `there is no dataset ${dataset} yet, bootstrap makes it: npm run publish -- bootstrap ${environment}, then deploy again`
}
