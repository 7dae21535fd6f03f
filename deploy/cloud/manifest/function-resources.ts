import type {Job} from '../../../lib/job/job.ts'
import {ledgerDataset} from '../../../lib/ledger/ledger-table.ts'
import {routingVariables} from '../../catalogue/subscriptions.ts'
import {accountEmail, accountNameOf, buildAccount, toLabel} from '../names/names.ts'
import {functionFields} from '../resources/function.ts'
import type {DesiredState} from '../resources/resource.ts'
import type {FunctionSpec} from '../resources/specs.ts'
import {bindingId} from './bindings.ts'
import {buildPermissions} from './build-account.ts'
import type {ManifestOptions} from './manifest-options.ts'
import {secretId} from './secret-id.ts'

/** A job's function. */
export function functionResource(job: Job, options: ManifestOptions): DesiredState {
  const {target, version, staged, variablesOf, jobs, reachable = jobs} = options
  const {projectId, environment} = target
  const account = accountEmail(accountNameOf(job), projectId)
  const bundle = staged.get(job.functionName)
  const withheld = options.withheld?.get(job.functionName)
  const secrets = job.secrets.map(name => ({name, id: secretId(name, target)}))
  const callsApi = job.secrets.includes('CA_ROOT_API_KEY')
  const spec: FunctionSpec = {
    folder: bundle?.folder ?? '',
    runtime: 'nodejs24',
    timeoutSeconds: job.timeoutSeconds,
    // One run at a time. Source: Cloud Run functions, "Concurrency".
    maxInstances: 1,
    concurrency: 1,
    memory: '512Mi',
    ingress: 'internal-only',
    account,
    buildAccount: `projects/${projectId}/serviceAccounts/${accountEmail(buildAccount, projectId)}`,
    variables: {
      GCP_PROJECT_ID: projectId,
      ENVIRONMENT: environment,
      ...routingVariables(job.functionName, jobs, reachable),
      ...variablesOf(job),
    },
    keeps: callsApi ? ['API_SERVICE_URL'] : [],
    secrets: Object.fromEntries(secrets.map(({name, id}) => [name, `${id}:latest`])),
    version: toLabel(version),
    bundleHash: bundle?.hash ?? 'none',
  }
  const member = `serviceAccount:${account}`
  return {
    type: 'function',
    name: job.functionName,
    fields: functionFields(spec),
    spec,
    ...(withheld === undefined ? {} : {withheld}),
    after: [
      `service-account ${accountNameOf(job)}`,
      `service-account ${buildAccount}`,
      ...buildPermissions(projectId).map(bindingId),
      ...secrets.map(({id}) =>
        bindingId({target: 'secret', on: id, role: 'roles/secretmanager.secretAccessor', member}),
      ),
      `dataset-access ${ledgerDataset}`,
      'ledger table',
    ],
  }
}
