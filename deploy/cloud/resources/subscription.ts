import * as z from 'zod'
import {lastSegment, readJson} from '../gcloud/read-json.ts'
import {isJobName} from '../names/is-job-name.ts'
import type {Argument} from './command.ts'
import type {Change, DesiredFields, Fields} from './resource.ts'
import type {ResourceType} from './resource-type.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    topic: z.string(),
    filter: z.string().optional(),
    ackDeadlineSeconds: z.number().default(10),
    messageRetentionDuration: z.string().default('604800s'),
    expirationPolicy: z.object({ttl: z.string().optional()}).optional(),
    pushConfig: z
      .object({
        pushEndpoint: z.string().optional(),
        oidcToken: z.object({serviceAccountEmail: z.string(), audience: z.string().default('')}).optional(),
      })
      .default({}),
    retryPolicy: z.object({minimumBackoff: z.string(), maximumBackoff: z.string()}).optional(),
    deadLetterPolicy: z.object({deadLetterTopic: z.string(), maxDeliveryAttempts: z.number()}).optional(),
  }),
)

// In the order in which they are shown. `topic` and `filter` can't be changed. Source: Pub/Sub, "Subscription properties".
const flags: Readonly<Record<string, string>> = {
  endpoint: 'push-endpoint',
  'push account': 'push-auth-service-account',
  audience: 'push-auth-token-audience',
  'deadline seconds': 'ack-deadline',
  'shortest retry': 'min-retry-delay',
  'longest retry': 'max-retry-delay',
  'dead letters to': 'dead-letter-topic',
  'delivery attempts': 'max-delivery-attempts',
  expires: 'expiration-period',
  'keeps messages': 'message-retention-duration',
}
/** gcloud forgets the others of a group unless they are given together. */
const together = [
  ['endpoint', 'push account', 'audience'],
  ['shortest retry', 'longest retry'],
  ['dead letters to', 'delivery attempts'],
]

export const subscription: ResourceType<'subscription'> = {
  name: 'subscription',
  api: 'pubsub.googleapis.com',
  async read({gcloud}) {
    const subscriptions = await readJson(gcloud, schema, ['pubsub', 'subscriptions', 'list'])
    return subscriptions.map(item => ({type: 'subscription', name: lastSegment(item.name), fields: toFields(item)}))
  },
  create({name, fields}) {
    const {topic, filter} = fields
    const more = filter === undefined ? [] : [`--message-filter=${filter}`]
    const args = Object.keys(fields).flatMap(field => flagOf(field, fields) ?? [])
    return [{gcloud: ['pubsub', 'subscriptions', 'create', name, `--topic=${topic}`, ...more, ...args]}]
  },
  update({name, fields}, changes) {
    if (changes.some(({field}) => field === 'topic' || field === 'filter')) return undefined
    const args = withCompanions(changes).flatMap(field => flagOf(field, fields) ?? [])
    return [{gcloud: ['pubsub', 'subscriptions', 'update', name, ...args]}]
  },
  remove: ({name}) => [{gcloud: ['pubsub', 'subscriptions', 'delete', name]}],
  isOurs: ({name}) => isJobName(name),
}

function flagOf(field: string, fields: DesiredFields): Argument | undefined {
  const flag = flags[field]
  const value = fields[field]
  if (flag === undefined || value === undefined) return undefined
  return typeof value === 'string' ? `--${flag}=${value}` : {flag, value}
}

function withCompanions(changes: readonly Change[]): string[] {
  const fields = changes.flatMap(({field}) => together.find(group => group.includes(field)) ?? [field])
  return [...new Set(fields)]
}

function toFields(item: z.output<typeof schema>[number]): Fields {
  const {pushConfig, retryPolicy, deadLetterPolicy} = item
  const isPush = (pushConfig.pushEndpoint ?? '') !== ''
  return {
    topic: lastSegment(item.topic),
    ...(item.filter === undefined || item.filter === '' ? {} : {filter: item.filter}),
    ...(isPush
      ? {
          endpoint: pushConfig.pushEndpoint ?? '',
          'push account': pushConfig.oidcToken?.serviceAccountEmail ?? 'none',
          audience: pushConfig.oidcToken?.audience ?? 'none',
        }
      : {}),
    'deadline seconds': String(item.ackDeadlineSeconds),
    ...(retryPolicy === undefined
      ? {}
      : {'shortest retry': retryPolicy.minimumBackoff, 'longest retry': retryPolicy.maximumBackoff}),
    ...(deadLetterPolicy === undefined
      ? {}
      : {
          'dead letters to': lastSegment(deadLetterPolicy.deadLetterTopic),
          'delivery attempts': String(deadLetterPolicy.maxDeliveryAttempts),
        }),
    // The service says never with an empty policy.
    expires: item.expirationPolicy === undefined ? '2678400s' : (item.expirationPolicy.ttl ?? 'never'),
    'keeps messages': item.messageRetentionDuration,
  }
}
