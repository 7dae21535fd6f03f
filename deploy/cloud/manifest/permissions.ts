import type {Job} from '../../../lib/job/job.ts'
import {deadLettersTopic, manualTopic} from '../../../lib/job/job-name.ts'
import {ledgerDataset} from '../../../lib/ledger/ledger-table.ts'
import {commandNameOf} from '../../catalogue/environments.ts'
import {pushSubscriptionsOf, routerOf, topicsOf} from '../../catalogue/subscriptions.ts'
import {type BindingTarget, bindingName} from '../resources/binding.ts'
import {accountEmail, accountNameOf, pubSubAgent, pushAccount} from '../resources/names.ts'
import type {Desired} from '../resources/resource.ts'
import type {ManifestOptions} from './manifest-options.ts'
import {secretId} from './secret-id.ts'

/**
 * Datasets that are not the ledger's, and the job that may write in them: the API's own quota records, which bootstrap
 * creates.
 */
const foreignDatasets: Readonly<Record<string, readonly string[]>> = {'daily-quota-cleanup': ['organizations']}

/** Who may do what, least first. Source: Pub/Sub, "Authenticate push subscriptions", "Dead-letter topics". */
export function permissions(only: readonly Job[], options: ManifestOptions): Desired[] {
  const {projectId} = options.target
  const pushEmail = accountEmail(pushAccount, projectId)
  const agent = `serviceAccount:${pubSubAgent(options.projectNumber)}`
  const agentMay = (target: BindingTarget, on: string, role: string, after: string) =>
    allow({target, on, role: `roles/${role}`, member: agent}, [after])
  return [
    ...only.flatMap(job => ofFunction(job, options)),
    ...only.map(({functionName}) =>
      allow({target: 'function', on: functionName, role: 'roles/run.invoker', member: `serviceAccount:${pushEmail}`}, [
        `function ${functionName}`,
        `service-account ${pushAccount}`,
      ]),
    ),
    agentMay('service-account', pushEmail, 'iam.serviceAccountTokenCreator', `service-account ${pushAccount}`),
    agentMay('topic', deadLettersTopic, 'pubsub.publisher', `topic ${deadLettersTopic}`),
    ...pushSubscriptionsOf(options.jobs)
      .filter(({functionName}) => only.some(job => job.functionName === functionName))
      .map(({name}) => agentMay('subscription', name, 'pubsub.subscriber', `subscription ${name}`)),
  ]
}

function ofFunction(job: Job, {target: environment, jobs}: ManifestOptions): Desired[] {
  const {projectId} = environment
  const name = accountNameOf(job)
  const member = `serviceAccount:${accountEmail(name, projectId)}`
  const own = `service-account ${name}`
  const may = (target: BindingTarget, on: string, role: string, ...after: string[]) =>
    allow({target, on, role: `roles/${role}`, member}, [own, ...after])
  const writes = (dataset: string, ...after: string[]): Desired => ({
    kind: 'dataset-access',
    name: `${dataset} for ${accountEmail(name, projectId)}`,
    fields: {},
    payload: {dataset, account: accountEmail(name, projectId), environment: commandNameOf(environment)},
    after: [own, ...after],
  })
  const secrets = job.secrets.map(secret => secretId(secret, environment))
  return [
    ...secrets.map(secret => may('secret', secret, 'secretmanager.secretAccessor', `secret ${secret}`)),
    writes(ledgerDataset, 'ledger dataset'),
    ...(foreignDatasets[job.name] ?? []).map(dataset => writes(dataset)),
    may('project', projectId, 'bigquery.jobUser'),
    may('topic', deadLettersTopic, 'pubsub.publisher', `topic ${deadLettersTopic}`),
    // What goes on as another message publishes it itself.
    ...publishesTo(job, jobs).map(topic => may('topic', topic, 'pubsub.publisher', `topic ${topic}`)),
  ]
}

/** A release job publishes its own next part; the one that routes passes a message on to any job. */
function publishesTo(job: Job, jobs: readonly Job[]): readonly string[] {
  if (job.functionName === routerOf(jobs)?.functionName)
    return topicsOf(jobs).filter(topic => topic !== deadLettersTopic)
  return job.group === 'manual' ? [manualTopic] : []
}

function allow(binding: Parameters<typeof bindingName>[0], after: readonly string[]): Desired {
  return {kind: 'binding', name: bindingName(binding), fields: {}, after}
}
