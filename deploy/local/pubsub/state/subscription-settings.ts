import * as z from 'zod'
import {parseFilter} from '../filter/filter-parser.ts'
import {formatDuration, protoDuration, toMilliseconds} from '../wire/proto-duration.ts'
import {deletedTopicName, parseResourceName} from '../wire/resource-name.ts'
import {StatusError} from '../wire/status-error.ts'
import {requireWithin} from './message.ts'
import type {RetryPolicy} from './retry-delay.ts'
import {checkRetention} from './topic-settings.ts'

const pushConfig = z.object({
  pushEndpoint: z.string().optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  /** Kept and given back. Nothing is signed with it: only Google can. */
  oidcToken: z.object({serviceAccountEmail: z.string().optional(), audience: z.string().optional()}).optional(),
})

/** google.pubsub.v1.Subscription, as far as this server can keep its promises, defaults filled in as Google does. */
export const subscriptionSettings = z.object({
  name: z.string().default(''),
  topic: z.string().default(''),
  pushConfig: pushConfig.default({}),
  ackDeadlineSeconds: z.number().default(0),
  retainAckedMessages: z.boolean().optional(),
  messageRetentionDuration: protoDuration.default({seconds: 7 * 86_400, nanos: 0}),
  labels: z.record(z.string(), z.string()).optional(),
  enableMessageOrdering: z.boolean().optional(),
  expirationPolicy: z.object({ttl: protoDuration.optional()}).default({ttl: {seconds: 31 * 86_400, nanos: 0}}),
  filter: z.string().default(''),
  deadLetterPolicy: z
    .object({deadLetterTopic: z.string().default(''), maxDeliveryAttempts: z.number().default(0)})
    .optional(),
  retryPolicy: z
    .object({
      minimumBackoff: protoDuration.default({seconds: 10, nanos: 0}),
      maximumBackoff: protoDuration.default({seconds: 600, nanos: 0}),
    })
    .optional(),
  state: z.string().optional(),
})

export type SubscriptionSettings = z.infer<typeof subscriptionSettings>

const unsupported = z.object({
  enableExactlyOnceDelivery: z.boolean().optional(),
  bigqueryConfig: z.unknown().optional(),
  cloudStorageConfig: z.unknown().optional(),
  bigtableConfig: z.unknown().optional(),
  messageTransforms: z.array(z.unknown()).optional(),
  pushConfig: z.object({noWrapper: z.unknown().optional()}).optional(),
})

/**
 * @param wire a Subscription message.
 * @throws StatusError INVALID_ARGUMENT for what Google refuses, UNIMPLEMENTED for what this server can't do. Whether the
 * topics exist is for the caller to see.
 */
export function parseSubscriptionSettings(wire: unknown): SubscriptionSettings {
  refuseUnsupported(wire)
  const settings = subscriptionSettings.parse(wire)
  const {retryPolicy, deadLetterPolicy} = settings
  parseResourceName('subscriptions', settings.name)
  if (settings.topic !== deletedTopicName) parseResourceName('topics', settings.topic)
  if (settings.ackDeadlineSeconds === 0) settings.ackDeadlineSeconds = 10
  requireWithin('ack_deadline_seconds', settings.ackDeadlineSeconds, 10, 600)
  checkRetention(toMilliseconds(settings.messageRetentionDuration))
  checkPushEndpoint(settings.pushConfig.pushEndpoint)
  parseFilter(settings.filter)
  const ttl = settings.expirationPolicy.ttl
  if (ttl !== undefined)
    requireWithin('expiration duration', toMilliseconds(ttl) / 1000, 86_400, Number.MAX_SAFE_INTEGER)
  if (retryPolicy !== undefined) checkRetryPolicy(retryPolicy)
  if (deadLetterPolicy !== undefined) {
    if (deadLetterPolicy.maxDeliveryAttempts === 0) deadLetterPolicy.maxDeliveryAttempts = 5
    requireWithin('max_delivery_attempts', deadLetterPolicy.maxDeliveryAttempts, 5, 100, 'OUT_OF_RANGE')
    parseResourceName('topics', deadLetterPolicy.deadLetterTopic)
  }
  return {...settings, state: 'ACTIVE'}
}

function refuseUnsupported(wire: unknown): void {
  const {pushConfig, ...fields} = unsupported.parse(wire)
  const asked = Object.entries({...fields, noWrapper: pushConfig?.noWrapper}).find(([, value]) => Boolean(value))
  if (asked === undefined) return
  throw new StatusError('UNIMPLEMENTED', `The local Pub/Sub server does not support ${asked[0]} on a subscription.`)
}

/**
 * Google wants https; this server is for functions on the same machine, which speak http, and posts to nothing else: what
 * it holds must not leave the machine because a client asked for it.
 */
export function checkPushEndpoint(endpoint: string | undefined): void {
  if (endpoint === undefined || endpoint === '' || isOnLoopback(endpoint)) return
  throw new StatusError(
    'INVALID_ARGUMENT',
    `Invalid push endpoint given (endpoint=${endpoint}). Refer to https://cloud.google.com/pubsub/subscriber#create for ` +
      'more information. The local Pub/Sub server pushes to this machine only: http://127.0.0.1:<port>/…',
  )
}

export function isOnLoopback(endpoint: string): boolean {
  const url = URL.parse(endpoint)
  return url !== null && /^https?:$/.test(url.protocol) && /^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname)
}

function checkRetryPolicy({minimumBackoff, maximumBackoff}: RetryPolicy): void {
  for (const [name, backoff] of Object.entries({minimum_backoff: minimumBackoff, maximum_backoff: maximumBackoff})) {
    const milliseconds = toMilliseconds(backoff)
    if (milliseconds >= 0 && milliseconds <= 600_000) continue
    throw new StatusError(
      'INVALID_ARGUMENT',
      `The value for ${name} is out of bounds. You passed ${formatDuration(backoff)} in the request, but the value must ` +
        'be between 0s and 600s.',
    )
  }
  if (toMilliseconds(maximumBackoff) >= toMilliseconds(minimumBackoff)) return
  throw new StatusError(
    'INVALID_ARGUMENT',
    `The value for maximum_backoff is too small. You passed ${formatDuration(maximumBackoff)} in the request, but the ` +
      `minimum value is ${formatDuration(minimumBackoff)}.`,
  )
}
