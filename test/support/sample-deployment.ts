import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {parseEnvironmentName} from '../../deploy/catalogue/environments.ts'
import type {DeploymentOptions} from '../../deploy/cloud/deployment.ts'
import type {Gcloud} from '../../deploy/cloud/gcloud/gcloud.ts'
import type {LedgerTables} from '../../deploy/cloud/resources/ledger-tables.ts'
import type {Job} from '../../lib/job/job.ts'

/** A deployment to `stage` with made-up bundles, whose waits take no time. */
export async function sampleDeployment(
  clients: {readonly gcloud: Gcloud; readonly ledger: LedgerTables},
  changes: Partial<DeploymentOptions> = {},
): Promise<DeploymentOptions & {readonly jobs: readonly Job[]}> {
  const jobs = await loadCatalogue()
  return {
    jobs,
    target: parseEnvironmentName('stage', {}),
    version: '1.0.0',
    staged: new Map(jobs.map(({functionName}) => [functionName, {folder: `dist/${functionName}`, hash: 'aaaa'}])),
    variablesOf: () => ({}),
    channels: ['email:ops@cloudact.ai'],
    removeLegacy: false,
    wait: () => Promise.resolve(),
    random: () => 0,
    now: () => new Date('2026-11-26T07:00:00Z'),
    ...clients,
    ...changes,
  }
}
