import * as z from 'zod'
import {protoDuration, toMilliseconds} from '../wire/proto-duration.ts'
import {parseResourceName} from '../wire/resource-name.ts'
import {StatusError} from '../wire/status-error.ts'

/** google.pubsub.v1.Topic, as far as this server can keep its promises; kept, journalled and given back as it is. */
export const topicSettings = z.object({
  name: z.string().default(''),
  labels: z.record(z.string(), z.string()).optional(),
  messageStoragePolicy: z.object({allowedPersistenceRegions: z.array(z.string()).default([])}).optional(),
  messageRetentionDuration: protoDuration.optional(),
  state: z.string().optional(),
})

export type TopicSettings = z.infer<typeof topicSettings>

/** Fields of the message that would change what happens to messages, and that nothing here acts on. */
const unsupported = z.object({
  kmsKeyName: z.string().optional(),
  schemaSettings: z.unknown().optional(),
  ingestionDataSourceSettings: z.unknown().optional(),
  messageTransforms: z.array(z.unknown()).optional(),
})

const minRetentionMilliseconds = 600_000
const maxRetentionMilliseconds = 31 * 86_400_000

/**
 * @param wire a Topic message.
 * @throws StatusError INVALID_ARGUMENT for what Google refuses, UNIMPLEMENTED for what this server can't do.
 */
export function parseTopicSettings(wire: unknown): TopicSettings {
  for (const [field, value] of Object.entries(unsupported.parse(wire))) {
    if (value === undefined || value === '') continue
    throw new StatusError('UNIMPLEMENTED', `The local Pub/Sub server does not support ${field} on a topic.`)
  }
  const settings = topicSettings.parse(wire)
  parseResourceName('topics', settings.name)
  const retention = settings.messageRetentionDuration
  if (retention !== undefined) checkRetention(toMilliseconds(retention))
  return {...settings, state: 'ACTIVE'}
}

/** @throws StatusError INVALID_ARGUMENT unless it is 10 minutes to 31 days. */
export function checkRetention(milliseconds: number): void {
  if (milliseconds >= minRetentionMilliseconds && milliseconds <= maxRetentionMilliseconds) return
  throw new StatusError(
    'INVALID_ARGUMENT',
    `The value for message_retention_duration is out of bounds. You passed ${milliseconds / 1000}s in the request, but ` +
      `the value must be between ${minRetentionMilliseconds / 1000}s and ${maxRetentionMilliseconds / 1000}s.`,
  )
}
