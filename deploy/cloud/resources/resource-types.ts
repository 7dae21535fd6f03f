import {alertPolicy} from './alert-policy.ts'
import {api} from './api.ts'
import {binding} from './binding.ts'
import {channel} from './channel.ts'
import {dashboard} from './dashboard.ts'
import {functionKind} from './function.ts'
import {datasetAccess, ledger} from './ledger.ts'
import {legacyJob} from './legacy-job.ts'
import {logMetric} from './log-metric.ts'
import type {KindName} from './resource.ts'
import type {Kind} from './resource-type.ts'
import {schedule} from './schedule.ts'
import {secret} from './secret.ts'
import {serviceAccount} from './service-account.ts'
import {subscription} from './subscription.ts'
import {topic} from './topic.ts'

/** Every kind, in the order in which a plan is read. */
export const kinds: Readonly<Record<KindName, Kind>> = {
  api,
  'service-account': serviceAccount,
  secret,
  ledger,
  'dataset-access': datasetAccess,
  topic,
  function: functionKind,
  subscription,
  binding,
  schedule,
  'log-metric': logMetric,
  channel,
  'alert-policy': alertPolicy,
  dashboard,
  'legacy-job': legacyJob,
}
