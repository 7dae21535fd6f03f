import {ledgerDataset} from '../../../lib/ledger/ledger-table.ts'
import type {ActualState, Change, Fields} from './resource.ts'
import type {ResourceType} from './resource-type.ts'

const prefix = 'may write: '

/** Which accounts may write in a dataset: one resource and one change for each dataset. */
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
        return [{type, name, fields: accessFields(spec.accounts.filter(account => dataset.writers.includes(account)))}]
      }),
    )
    return states.flat()
  },
  create: ({spec: {dataset, accounts}}) => [{ledger: {change: 'let write', dataset, accounts}}],
  update({spec: {dataset}}, changes) {
    if (changes.some(({field}) => field === 'dataset')) return undefined
    return [{ledger: {change: 'let write', dataset, accounts: addedAccounts(changes)}}]
  },
  // Datasets that aren't the ledger's are created by the API.
  fix: ({spec: {dataset, environment}}) =>
    `there is no dataset ${dataset} yet, bootstrap creates it: npm run publish -- bootstrap ${environment}, then deploy again`,
}

/** The accounts as fields, one each, so that a plan names those that are added. */
export function accessFields(accounts: readonly string[]): Fields {
  return Object.fromEntries(accounts.map(account => [`${prefix}${account}`, 'yes']))
}

function addedAccounts(changes: readonly Change[]): string[] {
  return changes.flatMap(({field, to}) => (to === undefined ? [] : [field.slice(prefix.length)]))
}
