import {deadLettersTopic} from '../../../lib/job/job-name.ts'
import {ledgerLocation} from '../../../lib/ledger/ledger-table.ts'
import {topicsOf} from '../../catalogue/subscriptions.ts'
import {declaredTableFields} from '../resources/ledger-tables.ts'
import {accountNameOf, pushAccount} from '../resources/names.ts'
import type {Desired} from '../resources/resource.ts'
import {accountTitle} from '../resources/service-account.ts'
import {allApis, services} from './api-services.ts'
import {functionResources} from './function-resources.ts'
import type {ManifestOptions} from './manifest-options.ts'
import {monitoringResources} from './monitoring.ts'
import {permissions} from './permissions.ts'
import {scheduleResources} from './schedule-resources.ts'
import {secretId} from './secret-id.ts'
import {subscriptionResources} from './subscription-resources.ts'

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
