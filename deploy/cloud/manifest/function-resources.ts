import type {Job} from '../../../lib/job/job.ts'
import {ledgerDataset} from '../../../lib/ledger/ledger-table.ts'
import {routingVariables} from '../../catalogue/subscriptions.ts'
import {bindingName} from '../resources/binding.ts'
import {accountEmail, accountNameOf, toLabel} from '../resources/names.ts'
import type {Desired} from '../resources/resource.ts'
import type {ManifestOptions} from './manifest-options.ts'
import {secretId} from './secret-id.ts'

/** A job's function, as `gcloud functions deploy` is told to make it. */
export function functionResources(job: Job, options: ManifestOptions): Desired[] {
  const {target, version, staged, variablesOf} = options
  const {projectId, environment} = target
  const email = accountEmail(accountNameOf(job), projectId)
  const bundle = staged.get(job.functionName)
  const withheld = options.withheld?.get(job.functionName)
  const secrets = job.secrets.map(name => ({name, id: secretId(name, target)}))
  const variables = {
    GCP_PROJECT_ID: projectId,
    ENVIRONMENT: environment,
    ...routingVariables(job.functionName, options.jobs),
    ...variablesOf(job),
  }
  const mayRead = secrets.map(({id}) =>
    bindingName({
      target: 'secret',
      on: id,
      role: 'roles/secretmanager.secretAccessor',
      member: `serviceAccount:${email}`,
    }),
  )
  return [
    {
      kind: 'function',
      name: job.functionName,
      fields: {
        state: 'active',
        runtime: 'nodejs24',
        'timeout seconds': String(job.timeoutSeconds),
        // One run at a time. Source: Cloud Run functions, "Concurrency".
        'instances at most': '1',
        concurrency: '1',
        memory: '512Mi',
        ingress: 'internal-only',
        'service account': email,
        ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`env ${name}`, value])),
        ...Object.fromEntries(secrets.map(({name, id}) => [`secret ${name}`, `${id}:latest`])),
        version: toLabel(version),
        bundle: bundle?.hash ?? 'none',
      },
      payload: {folder: bundle?.folder ?? ''},
      ...(withheld === undefined ? {} : {withheld}),
      after: [
        `service-account ${accountNameOf(job)}`,
        ...mayRead.map(name => `binding ${name}`),
        `dataset-access ${ledgerDataset} for ${email}`,
        'ledger table',
      ],
    },
  ]
}
