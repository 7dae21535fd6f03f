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

/**
 * Datasets other than the ledger's, and the job that may write in them: the API's own quota records, which bootstrap
 * creates.
 */
const foreignDatasets: Readonly<Record<string, readonly string[]>> = {'daily-quota-cleanup': ['organizations']}

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

/** A release job publishes its own next part; the one whose function routes passes a message on to any job. */
function publishesTo(job: Job, jobs: readonly Job[]): readonly string[] {
  const topics = topicsOf(jobs).filter(topic => topic !== deadLettersTopic)
  if (job.functionName === routerOf(jobs)?.functionName) return topics
  return job.group === 'manual' ? [manualTopic] : []
}

/** Who may write in which dataset: all of a dataset's accounts at once, since BigQuery takes few changes a minute. */
function datasetAccess(only: readonly Job[], {target}: ManifestOptions): DesiredState[] {
  const writers = Map.groupBy(
    only.flatMap(job => [ledgerDataset, ...(foreignDatasets[job.name] ?? [])].map(dataset => ({dataset, job}))),
    ({dataset}) => dataset,
  )
  return [...writers].map(([dataset, entries]) => {
    const names = entries.map(({job}) => accountNameOf(job))
    const accounts = names.map(name => accountEmail(name, target.projectId))
    return {
      type: 'dataset-access',
      name: dataset,
      fields: accessFields(accounts),
      spec: {dataset, accounts, environment: commandNameOf(target)},
      after: [
        ...names.map(name => `service-account ${name}`),
        ...(dataset === ledgerDataset ? ['ledger dataset'] : []),
      ],
    }
  })
}
