import * as z from 'zod'
import {region} from '../../catalogue/environments.ts'
import {lastSegment, readJson} from '../gcloud/read-json.ts'
import {parseDeployedSince} from '../names/deployed-since.ts'
import {isJobName} from '../names/is-job-name.ts'
import {hasOldPrefix, isLegacyTriggerName} from '../names/legacy-names.ts'
import type {DesiredFields, Fields} from './resource.ts'
import type {ResourceType} from './resource-type.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    description: z.string().default(''),
    schedule: z.string().default(''),
    timeZone: z.string().default('UTC'),
    state: z.string().default('ENABLED'),
    httpTarget: z.object({uri: z.string().default('')}).optional(),
    pubsubTarget: z
      .object({
        topicName: z.string(),
        data: z.string().default(''),
        attributes: z.record(z.string(), z.string()).default({}),
      })
      .optional(),
    retryConfig: z
      .object({
        retryCount: z.number().default(0),
        minBackoffDuration: z.string().default('5s'),
        maxBackoffDuration: z.string().default('3600s'),
      })
      .default({retryCount: 0, minBackoffDuration: '5s', maxBackoffDuration: '3600s'}),
  }),
)

/** Whether the schedule's description says when its job was first deployed. */
export const sinceField = 'first deployment'

const place = `--location=${region}`

/** Cloud Scheduler's jobs. Whether one is paused is the operator's own choice, and never changed here. */
export const schedule: ResourceType<'schedule'> = {
  name: 'schedule',
  api: 'cloudscheduler.googleapis.com',
  async read({gcloud}) {
    const schedules = await readJson(gcloud, schema, ['scheduler', 'jobs', 'list', place])
    return schedules.map(item => ({type: 'schedule', name: lastSegment(item.name), fields: toFields(item)}))
  },
  create({name, fields}) {
    const args = ['scheduler', 'jobs', 'create', 'pubsub', name, place, ...flagsOf(fields, 'attributes')]
    return [{gcloud: [...args, {flag: 'description', deployedSince: 'now'}]}]
  },
  update({name, fields}, changes) {
    // An old trigger, which calls a URL, can't become one that publishes.
    if (changes.some(({field}) => field === 'calls')) return undefined
    const args = ['scheduler', 'jobs', 'update', 'pubsub', name, place, ...flagsOf(fields, 'update-attributes')]
    // Kept once it is there: later deployments change nothing about when the first one was.
    const isRecorded = changes.every(({field}) => field !== sinceField)
    return [{gcloud: isRecorded ? args : [...args, {flag: 'description', deployedSince: 'now'}]}]
  },
  remove: ({name}) => [{gcloud: ['scheduler', 'jobs', 'delete', name, place]}],
  isOurs: ({name}) => isJobName(name) || hasOldPrefix(name),
  isLegacy: ({name, fields}) => isLegacyTriggerName(name) && startsCloudRunJob(name, fields),
  conflict: ({name, fields}) =>
    fields['calls'] === undefined || (isLegacyTriggerName(name) && startsCloudRunJob(name, fields))
      ? undefined
      : `somebody's schedule has this name and calls ${fields['calls']}: rename or delete that one, then deploy again`,
}

function toFields({pubsubTarget, retryConfig, ...item}: z.output<typeof schema>[number]): Fields {
  if (pubsubTarget === undefined) return {calls: item.httpTarget?.uri ?? 'no topic', cron: item.schedule}
  const attributes = Object.entries(pubsubTarget.attributes).filter(([name]) => name === 'job' || name === 'trigger')
  return {
    cron: item.schedule,
    'time zone': item.timeZone,
    topic: pubsubTarget.topicName,
    body: Buffer.from(pubsubTarget.data, 'base64').toString(),
    attributes: attributes
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(','),
    retries: String(retryConfig.retryCount),
    'shortest retry': retryConfig.minBackoffDuration,
    'longest retry': retryConfig.maxBackoffDuration,
    ...(parseDeployedSince(item.description) === undefined ? {} : {[sinceField]: 'recorded'}),
  }
}

/** The Python scripts' triggers start a Cloud Run job, by the Admin API: `…/jobs/cloudact-daily-alerts:run`. */
function startsCloudRunJob(triggerName: string, {calls = ''}: Fields): boolean {
  const url = URL.parse(calls)
  const job = triggerName.replace(/-trigger$/, '')
  return (
    url !== null && /(?:^|[.-])run\.googleapis\.com$/.test(url.hostname) && url.pathname.endsWith(`/jobs/${job}:run`)
  )
}

function flagsOf(fields: DesiredFields, attributesFlag: string): string[] {
  return [
    `--schedule=${fields['cron']}`,
    `--time-zone=${fields['time zone']}`,
    `--topic=${fields['topic']}`,
    `--message-body=${fields['body']}`,
    `--${attributesFlag}=${fields['attributes']}`,
    `--max-retry-attempts=${fields['retries']}`,
    `--min-backoff=${fields['shortest retry']}`,
    `--max-backoff=${fields['longest retry']}`,
  ]
}
