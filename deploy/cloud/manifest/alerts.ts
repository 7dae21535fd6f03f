import {Cron} from 'croner'
import type {Job} from '../../../lib/job/job.ts'
import {deadLettersTopic, unroutedTopic} from '../../../lib/job/job-name.ts'
import {commandNameOf} from '../../catalogue/environments.ts'
import {alertTitle} from '../resources/alert-policy.ts'
import type {DesiredState} from '../resources/resource.ts'
import {fromFunctions, fromSubscriptions, runsMetric, runsSeries} from './job-metrics.ts'
import type {ManifestOptions} from './manifest-options.ts'

type Alert = {
  readonly name: string
  readonly query: string
  /** How far back the query looks. */
  readonly hours: number
  readonly seconds: number
  readonly documentation: string
  readonly quietUntil?: Date
}

/** Longest look-back, and how often it is evaluated at the most. Source: Cloud Monitoring, "PromQL alerting limits". */
const intervals = [
  {hours: 8 * 24, seconds: 300},
  {hours: 16 * 24, seconds: 3600},
  {hours: 32 * 24, seconds: 7200},
] as const

/** How long after its slot a run may still succeed. */
const graceHours = 2

/** The alert policies: dead letters, degraded runs, a backlog, and one for each scheduled job that does not succeed. */
export function alertPolicies(
  jobs: readonly Job[],
  {target, channels, now}: Pick<ManifestOptions, 'target' | 'channels' | 'now'>,
): DesiredState[] {
  const env = commandNameOf(target)
  const ours = jobs.map(job => job.functionName).join('|')
  const alerts: Alert[] = [
    {
      name: 'a dead letter waits',
      query: `max(pubsub_googleapis_com:subscription_num_undelivered_messages{${fromSubscriptions},subscription_id="${deadLettersTopic}"}) > 0`,
      hours: 0,
      seconds: 0,
      documentation: `A message was dead-lettered. Review it with: npm run dead-letters -- ${env}, which says how to go on.`,
    },
    {
      name: 'a run is degraded',
      query: `sum by (job) (increase(${runsSeries}{${fromFunctions},outcome="degraded"}[15m])) > 0`,
      hours: 1,
      seconds: 0,
      documentation: `A run is done, but parts of it failed. See: npm run runs -- ${env} --since 1d.`,
    },
    {
      name: 'messages wait for more than an hour',
      query: `max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{${fromSubscriptions},subscription_id=~"${ours}|${unroutedTopic}"}) > 3600`,
      hours: 0,
      seconds: 300,
      documentation: `A function does not take its messages. Check: npm run doctor -- ${env}.`,
    },
    // One policy a job: one with a PromQL condition can have no second condition.
    ...jobs.flatMap(job => absenceAlert(job, env, now())),
  ]
  return alerts.map(alert => alertPolicy(alert, channels))
}

/** Nothing where the slots are further apart than Monitoring looks back. */
function absenceAlert({name, schedule}: Job, env: string, now: Date): Alert[] {
  if (schedule === undefined) return []
  const hours = maxPauseHours(schedule) + graceHours
  if (hours > (intervals.at(-1)?.hours ?? 0)) return []
  const ended = `outcome=~"succeeded|skipped|degraded"`
  return [
    {
      name: `no success of ${name}`,
      // Without any data there is no number below 1, so it is made one.
      query: `(sum(increase(${runsSeries}{${fromFunctions},job="${name}",${ended}}[${hours}h])) or vector(0)) < 1`,
      hours,
      seconds: 0,
      documentation: `No run of ${name} ended well for ${hours} hours. See: npm run runs -- ${env} --job ${name}.`,
      quietUntil: firstDue(schedule, now),
    },
  ]
}

/** When the first success after a deployment is due. */
function firstDue(schedule: string, now: Date): Date {
  const slot = cron(schedule).nextRun(now) ?? now
  return new Date(slot.getTime() + graceHours * 3_600_000)
}

/** The longest time between two slots, over a year. */
function maxPauseHours(schedule: string): number {
  const from = new Date('2026-01-01T00:00:00Z')
  const slots = cron(schedule).nextRuns(400, from)
  const pauses = slots.slice(1).map((slot, index) => slot.getTime() - (slots[index]?.getTime() ?? 0))
  return Math.ceil(Math.max(3_600_000, ...pauses) / 3_600_000)
}

function cron(schedule: string): Cron {
  return new Cron(schedule, {utcOffset: 0, mode: '5-part', paused: true})
}

function alertPolicy(
  {name, query, hours, seconds, documentation, quietUntil}: Alert,
  channels: readonly string[],
): DesiredState {
  const notifies = channels.toSorted().join(', ')
  const duration = `${seconds}s`
  const evaluationInterval = `${intervals.find(interval => hours <= interval.hours)?.seconds}s`
  const config = {
    displayName: `${alertTitle}${name}`,
    combiner: 'OR',
    enabled: true,
    documentation: {content: documentation, mimeType: 'text/markdown'},
    ...(channels.length === 0 ? {} : {notificationChannels: channels.map(channel => ({ref: `channel ${channel}`}))}),
  }
  return {
    type: 'alert-policy',
    name: config.displayName,
    fields: {
      when: query,
      'lasting for': duration,
      'evaluated every': evaluationInterval,
      documentation,
      ...(notifies === '' ? {} : {notifies}),
    },
    spec: {
      config,
      query,
      duration,
      evaluationInterval,
      quietUntil: quietUntil === undefined ? undefined : quietUntil.getTime() / 1000,
    },
    after: [`log-metric ${runsMetric}`, ...channels.map(channel => `channel ${channel}`)],
  }
}
