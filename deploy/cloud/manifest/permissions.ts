import type {Job} from '../../../lib/job/job.ts'
import {deadLettersTopic, manualTopic} from '../../../lib/job/job-name.ts'
import {ledgerDataset} from '../../../lib/ledger/ledger-table.ts'
import {commandNameOf} from '../../catalogue/environments.ts'
import {pushSubscriptionsOf, routerOf, topicsOf} from '../../catalogue/subscriptions.ts'
import {accountEmail, accountNameOf, buildAccount, pubSubAgent, pushAccount} from '../names/names.ts'
import {accessFields} from '../resources/dataset-access.ts'
import type {DesiredState} from '../resources/resource.ts'
import type {BindingTarget} from '../resources/specs.ts'
import {bindingResource} from './bindings.ts'
import {buildPermissions} from './build-account.ts'
import type {ManifestOptions} from './manifest-options.ts'
import {secretId} from './secret-id.ts'

/** Who may do what, least first. Source: Pub/Sub, "Authenticate push subscriptions", "Dead-letter topics". */
export function permissions(only: readonly Job[], options: ManifestOptions): DesiredState[] {
  const {projectId} = options.target
  const pushEmail = accountEmail(pushAccount, projectId)
  const agent = `serviceAccount:${pubSubAgent(options.projectNumber)}`
  const agentMay = (target: BindingTarget, on: string, role: string, after: string) =>
    bindingResource({target, on, role: `roles/${role}`, member: agent}, [after])
  const pushMay = ({functionName}: Job) =>
    bindingResource(
      {target: 'function', on: functionName, role: 'roles/run.invoker', member: `serviceAccount:${pushEmail}`},
      [`function ${functionName}`, `service-account ${pushAccount}`],
    )
  return [
    ...buildPermissions(projectId).map(spec => bindingResource(spec, [`service-account ${buildAccount}`])),
    ...datasetAccess(only, options),
    ...only.flatMap(job => permissionsOf(job, only, options)),
    ...only.map(pushMay),
    agentMay('service-account', pushEmail, 'iam.serviceAccountTokenCreator', `service-account ${pushAccount}`),
    agentMay('topic', deadLettersTopic, 'pubsub.publisher', `topic ${deadLettersTopic}`),
    ...pushSubscriptionsOf(options.jobs)
      .filter(({functionName}) => only.some(job => job.functionName === functionName))
      .map(({name}) => agentMay('subscription', name, 'pubsub.subscriber', `subscription ${name}`)),
  ]
}

function permissionsOf(job: Job, only: readonly Job[], {target: environment, jobs}: ManifestOptions): DesiredState[] {
  const {projectId} = environment
  const name = accountNameOf(job)
  const member = `serviceAccount:${accountEmail(name, projectId)}`
  const may = (target: BindingTarget, on: string, role: string, ...after: string[]) =>
    bindingResource({target, on, role: `roles/${role}`, member}, [`service-account ${name}`, ...after])
  const secrets = job.secrets.map(secret => secretId(secret, environment))
  return [
    ...secrets.map(secret => may('secret', secret, 'secretmanager.secretAccessor', `secret ${secret}`)),
    may('project', projectId, 'bigquery.jobUser'),
    ...[deadLettersTopic, ...publishesTo(job, jobs)]
      .filter(topic => topicsOf(only).includes(topic))
      .map(topic => may('topic', topic, 'pubsub.publisher', `topic ${topic}`)),
  ]
}

/** A release job, and a scheduled one that says so, publishes its own next part; the one whose function routes passes a message on to any job. */
function publishesTo(job: Job, jobs: readonly Job[]): readonly string[] {
  const topics = topicsOf(jobs).filter(topic => topic !== deadLettersTopic)
  if (job.functionName === routerOf(jobs)?.functionName) return topics
  if (job.group === 'manual') return [manualTopic]
  return job.continues === true ? [job.topic] : []
}

/**
 * Who may read and write in which dataset, as the jobs declare it, and in the ledger's: all of a dataset's accounts at
 * once, since BigQuery takes few changes a minute.
 */
function datasetAccess(only: readonly Job[], {target}: ManifestOptions): DesiredState[] {
  const entries = only.flatMap(job => {
    const written = [ledgerDataset, ...(job.writes ?? [])]
    const read = (job.reads ?? []).map(table => table.slice(0, table.indexOf('.')))
    const readOnly = [...new Set(read)].filter(dataset => !written.includes(dataset))
    return [
      ...written.map(dataset => ({dataset, job, mayWrite: true})),
      ...readOnly.map(dataset => ({dataset, job, mayWrite: false})),
    ]
  })
  return [...Map.groupBy(entries, ({dataset}) => dataset)].map(([dataset, ofDataset]) => {
    const accountsOf = (isWriter: boolean) =>
      ofDataset
        .filter(({mayWrite}) => mayWrite === isWriter)
        .map(({job}) => accountEmail(accountNameOf(job), target.projectId))
    const [accounts, readers] = [accountsOf(true), accountsOf(false)]
    return {
      type: 'dataset-access',
      name: dataset,
      fields: accessFields(accounts, readers),
      spec: {dataset, accounts, readers, environment: commandNameOf(target)},
      after: [
        ...ofDataset.map(({job}) => `service-account ${accountNameOf(job)}`),
        ...(dataset === ledgerDataset ? ['ledger dataset'] : []),
      ],
    }
  })
}
