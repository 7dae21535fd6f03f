import type {Job} from '../../lib/job.ts'
import {deadLettersTopic} from '../../lib/job-name.ts'
import {ledgerLocation} from '../../lib/ledger-table.ts'
import type {TargetEnvironment} from '../environments.ts'
import {topicsOf} from '../subscriptions.ts'
import {allApis, services} from './api-services.ts'
import {functionResources} from './function-resources.ts'
import {accountTitle} from './kinds/service-account.ts'
import {declaredTableFields} from './ledger-tables.ts'
import {monitoringResources} from './monitoring.ts'
import {accountNameOf, pushAccount} from './names.ts'
import {permissions} from './permissions.ts'
import type {Desired, Fields} from './resource.ts'
import {scheduleResources} from './schedule-resources.ts'
import {secretId} from './secret-id.ts'
import {subscriptionResources} from './subscription-resources.ts'

/** A function's staged folder. */
export type StagedFunction = {readonly folder: string; readonly hash: string}

export type ManifestOptions = {
  /** Every job of the project: what is shared depends on all of them. */
  readonly jobs: readonly Job[]
  /** Only these jobs' own things; absent: all, and what watches over them. */
  readonly only?: readonly Job[]
  readonly target: TargetEnvironment
  readonly projectNumber: string
  readonly version: string
  readonly staged: ReadonlyMap<string, StagedFunction>
  /** What functions get in their environment besides: DAYS_TO_KEEP for the quota clean-up. */
  readonly variablesOf: (job: Job) => Fields
  /** `email:ops@cloudact.ai`, `slack:#ops`. */
  readonly channels: readonly string[]
}

/**
 * Everything that must be there, and nothing else: the one list of which deploy knows what to make and doctor what to
 * look for. Pure: it comes from the declarations alone.
 */
export function buildManifest(options: ManifestOptions): readonly Desired[] {
  const {jobs, only = jobs, target} = options
  const secrets = [...new Set(only.flatMap(job => job.secrets.map(name => secretId(name, target))))].sort()
  const resources: Desired[] = [
    {kind: 'api', name: 'services', fields: Object.fromEntries(services.map(name => [name, 'enabled'])), after: []},
    ...only.map(job => account(accountNameOf(job), job.name)),
    account(pushAccount, 'push'),
    ...secrets.map((name): Desired => ({kind: 'secret', name, fields: {version: 'enabled'}, after: [allApis]})),
    {kind: 'ledger', name: 'dataset', fields: {location: ledgerLocation}, after: [allApis]},
    {kind: 'ledger', name: 'table', fields: declaredTableFields(), after: ['ledger dataset']},
    ...topicsOf(only).map((name): Desired => ({kind: 'topic', name, fields: {}, after: [allApis]})),
    {
      kind: 'subscription',
      name: deadLettersTopic,
      fields: {topic: deadLettersTopic, 'deadline seconds': '60', expires: 'never', 'keeps messages': '1209600s'},
      after: [`topic ${deadLettersTopic}`],
    },
    ...only.flatMap(job => functionResources(job, options)),
    ...subscriptionResources(jobs, only, target.projectId),
    ...permissions(only, options),
    ...only.flatMap(job => scheduleResources(job, target.projectId)),
    ...(options.only === undefined ? monitoringResources(jobs, target, options.channels) : []),
  ]
  return resources
}

function account(name: string, whose: string): Desired {
  return {kind: 'service-account', name, fields: {title: accountTitle(whose)}, after: [allApis]}
}
