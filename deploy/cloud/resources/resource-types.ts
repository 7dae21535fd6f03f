import {alertPolicy} from './alert-policy.ts'
import {api} from './api.ts'
import {binding} from './binding.ts'
import {channel} from './channel.ts'
import {dashboard} from './dashboard.ts'
import {datasetAccess} from './dataset-access.ts'
import {functionType} from './function.ts'
import {ledger} from './ledger.ts'
import {legacyJob} from './legacy-job.ts'
import {logMetric} from './log-metric.ts'
import type {ResourceTypeName} from './resource.ts'
import type {ResourceType} from './resource-type.ts'
import {schedule} from './schedule.ts'
import {secret} from './secret.ts'
import {serviceAccount} from './service-account.ts'
import {subscription} from './subscription.ts'
import {topic} from './topic.ts'

/** Every resource type, in the order in which a plan is read. */
const resourceTypes: {readonly [T in ResourceTypeName]: ResourceType<T>} = {
  api,
  'service-account': serviceAccount,
  secret,
  ledger,
  'dataset-access': datasetAccess,
  topic,
  function: functionType,
  subscription,
  binding,
  schedule,
  'log-metric': logMetric,
  channel,
  'alert-policy': alertPolicy,
  dashboard,
  'legacy-job': legacyJob,
}

/** The type of a resource. */
export function typeNamed<T extends ResourceTypeName>(name: T): ResourceType<T> {
  return resourceTypes[name]
}
