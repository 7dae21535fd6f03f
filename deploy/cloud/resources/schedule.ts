import * as z from 'zod'
import {region} from '../../catalogue/environments.ts'
import {lastSegment, readJson} from '../gcloud/read-json.ts'
import {describeDeployedSince} from './deployed-since.ts'
import {isJobName, isLegacyName} from './is-job-name.ts'
import type {Fields} from './resource.ts'
import type {Kind} from './resource-type.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    schedule: z.string().default(''),
    timeZone: z.string().default('UTC'),
    state: z.string().default('ENABLED'),
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

const place = `--location=${region}`

/** Cloud Scheduler's jobs. Whether one is paused is the operator's own choice, and never changed here. */
export const schedule: Kind = {
  name: 'schedule',
  api: 'cloudscheduler.googleapis.com',
  async read({gcloud}) {
    const found = await readJson(gcloud, schema, ['scheduler', 'jobs', 'list', place])
    return found.map(item => ({kind: 'schedule', name: lastSegment(item.name), fields: toFields(item)}))
  },
  create({name, fields}) {
    const since = `--description=${describeDeployedSince(new Date())}`
    return [{gcloud: ['scheduler', 'jobs', 'create', 'pubsub', name, place, since, ...flagsOf(fields, 'attributes')]}]
  },
  update({name, fields}, changes) {
    // An old trigger that calls a URL is no Pub/Sub job, and can't become one.
    if (changes.some(({field}) => field === 'calls')) return undefined
    return [{gcloud: ['scheduler', 'jobs', 'update', 'pubsub', name, place, ...flagsOf(fields, 'update-attributes')]}]
  },
  remove: ({name}) => [{gcloud: ['scheduler', 'jobs', 'delete', name, place]}],
  isOurs: ({name}) => isLegacyName(name),
  // One that calls a URL starts a Cloud Run job of the Python scripts.
  isLegacy: ({name, fields}) => isLegacyName(name) && (fields['calls'] !== undefined || !isJobName(name)),
}

function toFields({pubsubTarget, retryConfig, ...item}: z.output<typeof schema>[number]): Fields {
  if (pubsubTarget === undefined) return {calls: 'something else than a topic', cron: item.schedule}
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
  }
}

function flagsOf(fields: Fields, attributesFlag: string): string[] {
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
