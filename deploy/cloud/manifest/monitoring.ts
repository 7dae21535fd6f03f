import {createHash} from 'node:crypto'
import {Cron} from 'croner'
import type {Job} from '../../../lib/job/job.ts'
import {deadLettersTopic} from '../../../lib/job/job-name.ts'
import {commandNameOf, type TargetEnvironment} from '../../catalogue/environments.ts'
import {addressOf} from '../resources/address.ts'
import {alertTitle} from '../resources/alert-policy.ts'
import type {Desired} from '../resources/resource.ts'
import {allApis} from './api-services.ts'
import {dashboardLayout} from './dashboard-layout.ts'
import {durationMetric, runsMetric} from './job-metrics.ts'

// Every attempt ends with one line that has an outcome (lib/delivery/settle.ts).
const filter = [
  'resource.type="cloud_run_revision"',
  'resource.labels.service_name=~"^cloudact-(daily|monthly|manual)-"',
  'jsonPayload.outcome:*',
].join(' AND ')
const labels = {job: 'EXTRACT(labels.job)', outcome: 'EXTRACT(jsonPayload.outcome)'}

/** What watches over the jobs: metrics from their logs, alerts, whom they tell, and one dashboard. */
export function monitoringResources(
  jobs: readonly Job[],
  target: TargetEnvironment,
  channels: readonly string[],
): Desired[] {
  return [
    logMetric(runsMetric, {}),
    logMetric(durationMetric, {value: 'EXTRACT(jsonPayload.durationMilliseconds)'}),
    ...channels.map((name): Desired => ({kind: 'channel', name, fields: {state: 'enabled'}, after: [allApis]})),
    ...alerts(jobs, target).map(alert => alertPolicy(alert, channels)),
    dashboard(jobs),
  ]
}

type Alert = {readonly name: string; readonly when: string; readonly seconds: number; readonly says: string}

function alerts(jobs: readonly Job[], target: TargetEnvironment): Alert[] {
  const env = commandNameOf(target)
  const runs = `logging_googleapis_com:user_${runsMetric}`
  const perSubscription = 'monitored_resource="pubsub_subscription"'
  const ours = jobs.map(job => job.functionName).join('|')
  return [
    {
      name: 'a dead letter waits',
      when: `max(pubsub_googleapis_com:subscription_num_undelivered_messages{${perSubscription},subscription_id="${deadLettersTopic}"}) > 0`,
      seconds: 0,
      says: `A message was set aside. Look: npm run dead-letters -- ${env}, which says how to go on.`,
    },
    {
      name: 'a run is degraded',
      when: `sum by (job) (increase(${runs}{outcome="degraded"}[15m])) > 0`,
      seconds: 0,
      says: `A run is done, but parts of it failed. Look: npm run runs -- ${env} --since 1d.`,
    },
    {
      name: 'messages wait for more than an hour',
      when: `max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{${perSubscription},subscription_id=~"${ours}|manual-jobs-unrouted"}) > 3600`,
      seconds: 300,
      says: `A function does not take its messages. Look: npm run doctor -- ${env}.`,
    },
    // One policy a job: one with a PromQL condition can have no second condition.
    ...jobs.flatMap(job => {
      if (job.schedule === undefined) return []
      const hours = maxPauseHours(job.schedule) + 2
      return {
        name: `no success of ${job.name}`,
        // Nothing at all is no number below 1, so it is made one.
        when: `(sum(increase(${runs}{job="${job.name}",outcome=~"succeeded|skipped|degraded"}[${hours}h])) or vector(0)) < 1`,
        seconds: 300,
        says: `No run of ${job.name} ended well for ${hours} hours. Look: npm run runs -- ${env} --job ${job.name}.`,
      }
    }),
  ]
}

/** The longest time between two slots, over a year. */
function maxPauseHours(schedule: string): number {
  const from = new Date('2026-01-01T00:00:00Z')
  const slots = new Cron(schedule, {utcOffset: 0, mode: '5-part', paused: true}).nextRuns(400, from)
  const pauses = slots.slice(1).map((slot, index) => slot.getTime() - (slots[index]?.getTime() ?? 0))
  return Math.ceil(Math.max(3_600_000, ...pauses) / 3_600_000)
}

function alertPolicy({name, when, seconds, says}: Alert, channels: readonly string[]): Desired {
  const tells = channels.toSorted().join(', ')
  const config = {
    displayName: `${alertTitle}${name}`,
    combiner: 'OR',
    enabled: true,
    documentation: {content: says, mimeType: 'text/markdown'},
    conditions: [
      {
        displayName: name,
        conditionPrometheusQueryLanguage: {query: when, duration: `${seconds}s`, evaluationInterval: '300s'},
      },
    ],
    ...(channels.length === 0 ? {} : {notificationChannels: channels.map(channel => addressOf(`channel ${channel}`))}),
  }
  return {
    kind: 'alert-policy',
    name: config.displayName,
    fields: {when, 'lasting for': `${seconds}s`, says, ...(tells === '' ? {} : {tells})},
    payload: {config: JSON.stringify(config)},
    after: [`log-metric ${runsMetric}`, ...channels.map(channel => `channel ${channel}`)],
  }
}

function logMetric(name: string, {value}: {value?: string}): Desired {
  const config = {
    name,
    description: "Attempts of CloudAct's scheduled and release jobs.",
    filter,
    labelExtractors: labels,
    ...(value === undefined ? {} : {valueExtractor: value}),
    metricDescriptor: {
      metricKind: 'DELTA',
      valueType: value === undefined ? 'INT64' : 'DISTRIBUTION',
      unit: value === undefined ? '1' : 'ms',
      labels: Object.keys(labels).map(key => ({key, valueType: 'STRING'})),
    },
  }
  return {
    kind: 'log-metric',
    name,
    fields: {
      filter,
      ...Object.fromEntries(Object.entries(labels).map(([label, from]) => [`label ${label}`, from])),
      ...(value === undefined ? {} : {value}),
    },
    payload: {config: JSON.stringify(config)},
    after: [allApis],
  }
}

function dashboard(jobs: readonly Job[]): Desired {
  const layout = dashboardLayout(jobs)
  const hash = createHash('sha256').update(JSON.stringify(layout)).digest('hex').slice(0, 16)
  const name = 'CloudAct scheduler jobs'
  return {
    kind: 'dashboard',
    name,
    fields: {content: hash},
    payload: {config: JSON.stringify({displayName: name, labels: {config: hash}, mosaicLayout: layout})},
    after: [`log-metric ${runsMetric}`, `log-metric ${durationMetric}`],
  }
}
