import {ledgerDataset} from '../../../lib/ledger/ledger-table.ts'
import type {ActualState, Change, Fields} from './resource.ts'
import type {ResourceType} from './resource-type.ts'

const prefixes = {writers: 'may write: ', readers: 'may read: '} as const

/** Which accounts may write, or only read, in a dataset: one resource and one change for each dataset. */
export const datasetAccess: ResourceType<'dataset-access'> = {
  name: 'dataset-access',
  api: 'bigquery.googleapis.com',
  async read({ledger}, desired) {
    const states = await Promise.all(
      desired.map(async ({type, name, spec}): Promise<ActualState<'dataset-access'>[]> => {
        const dataset = await ledger.dataset(spec.dataset)
        // The ledger's own dataset is created by the same deployment.
        if (dataset === undefined)
          return spec.dataset === ledgerDataset ? [] : [{type, name, fields: {dataset: 'none'}}]
        const writers = spec.accounts.filter(account => dataset.writers.includes(account))
        const readers = spec.readers.filter(account => dataset.readers.includes(account))
        return [{type, name, fields: accessFields(writers, readers)}]
      }),
    )
    return states.flat()
  },
  create: ({spec: {dataset, accounts, readers}}) => [{ledger: {change: 'let write', dataset, accounts, readers}}],
  update({spec: {dataset}}, changes) {
    if (changes.some(({field}) => field === 'dataset')) return undefined
    const [accounts, readers] = [added(changes, prefixes.writers), added(changes, prefixes.readers)]
    return [{ledger: {change: 'let write', dataset, accounts, readers}}]
  },
  // Datasets that aren't the ledger's are created by the API.
  fix: ({spec: {dataset, environment}}) =>
    `there is no dataset ${dataset} yet, bootstrap creates it: npm run publish -- bootstrap ${environment}, then deploy again`,
}

/** The accounts as fields, one each, so that a plan names those that are added. */
export function accessFields(writers: readonly string[], readers: readonly string[]): Fields {
  return Object.fromEntries([
    ...writers.map(account => [`${prefixes.writers}${account}`, 'yes'] as const),
    ...readers.map(account => [`${prefixes.readers}${account}`, 'yes'] as const),
  ])
}

function added(changes: readonly Change[], prefix: string): string[] {
  return changes
    .filter(({field, to}) => to !== undefined && field.startsWith(prefix))
    .map(({field}) => field.slice(prefix.length))
}
