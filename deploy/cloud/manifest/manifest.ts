import {deadLettersTopic} from '../../../lib/job/job-name.ts'
import {ledgerLocation} from '../../../lib/ledger/ledger-table.ts'
import {topicsOf} from '../../catalogue/subscriptions.ts'
import {accountNameOf, buildAccount, pushAccount} from '../names/names.ts'
import {declaredTableFields} from '../resources/ledger-tables.ts'
import type {DesiredState} from '../resources/resource.ts'
import {accountTitle} from '../resources/service-account.ts'
import {allApis, services} from './api-services.ts'
import {functionResource} from './function-resources.ts'
import type {ManifestOptions} from './manifest-options.ts'
import {monitoringResources} from './monitoring.ts'
import {permissions} from './permissions.ts'
import {scheduleResources} from './schedule-resources.ts'
import {secretId} from './secret-id.ts'
import {subscriptionResources} from './subscription-resources.ts'

/**
 * Every resource that must exist, and nothing else: the one list from which deploy knows what to create and doctor what
 * to check. Pure: it comes from the declarations alone.
 */
export function buildManifest(options: ManifestOptions): readonly DesiredState[] {
  const {jobs, only = jobs, target} = options
  const secrets = [...new Set(only.flatMap(job => job.secrets.map(name => secretId(name, target))))].sort()
  const resources: DesiredState[] = [
    {type: 'api', name: 'services', fields: Object.fromEntries(services.map(name => [name, 'enabled'])), after: []},
    ...only.map(job => account(accountNameOf(job), job.name)),
    account(pushAccount, 'push'),
    account(buildAccount, 'build'),
    ...secrets.map((name): DesiredState => ({type: 'secret', name, fields: {version: 'enabled'}, after: [allApis]})),
    {type: 'ledger', name: 'dataset', fields: {location: ledgerLocation}, after: [allApis]},
    {type: 'ledger', name: 'table', fields: declaredTableFields(), after: ['ledger dataset']},
    ...topicsOf(only).map((name): DesiredState => ({type: 'topic', name, fields: {}, after: [allApis]})),
    {
      type: 'subscription',
      name: deadLettersTopic,
      fields: {topic: deadLettersTopic, 'deadline seconds': '60', expires: 'never', 'keeps messages': '1209600s'},
      after: [`topic ${deadLettersTopic}`],
    },
    ...only.map(job => functionResource(job, options)),
    ...subscriptionResources(jobs, only, target.projectId),
    ...permissions(only, options),
    ...only.flatMap(job => scheduleResources(job, target.projectId)),
    ...(options.only === undefined ? monitoringResources(jobs, options) : []),
  ]
  return resources
}

function account(name: string, whose: string): DesiredState {
  return {type: 'service-account', name, fields: {title: accountTitle(whose)}, after: [allApis]}
}
