import * as z from 'zod'
import {StatusError} from '../wire/status-error.ts'

/** A published message, as it is kept and journalled. */
export const message = z.object({
  id: z.string(),
  publishTimeMilliseconds: z.number(),
  /** Base64, as push bodies, REST and the journal need it. */
  data: z.string(),
  attributes: z.record(z.string(), z.string()),
  orderingKey: z.string(),
})

export type Message = z.infer<typeof message>

/** A message on its way in: the message without what the server adds. */
export type NewMessage = Pick<Message, 'data' | 'attributes' | 'orderingKey'>

const publishRequest = z.object({
  topic: z.string().default(''),
  messages: z
    .array(
      z.object({
        data: z.instanceof(Buffer).optional(),
        attributes: z.record(z.string(), z.string()).default({}),
        orderingKey: z.string().default(''),
      }),
    )
    .default([]),
})

/** https://cloud.google.com/pubsub/quotas#resource_limits */
const limits = {messages: 1000, requestBytes: 10_000_000, attributes: 100, keyBytes: 256, valueBytes: 1024}

/**
 * Reads what a publisher sent, and refuses what Google refuses.
 *
 * @throws StatusError INVALID_ARGUMENT: no message or more than 1,000; one with neither data nor attributes; more than
 * 10 MB; attributes or an ordering key past their limits.
 */
export function parsePublishRequest(request: unknown): {topic: string; messages: NewMessage[]} {
  const {topic, messages} = publishRequest.parse(request)
  requireWithin('message_count', messages.length, 1, limits.messages)
  let bytes = 0
  const parsed = messages.map(({data, attributes, orderingKey}) => {
    bytes += (data?.length ?? 0) + Buffer.byteLength(orderingKey) + checkAttributes(attributes)
    if ((data?.length ?? 0) === 0 && Object.keys(attributes).length === 0) throw emptyMessage()
    requireWithin('ordering_key length', Buffer.byteLength(orderingKey), 0, limits.valueBytes)
    return {data: data?.toString('base64') ?? '', attributes, orderingKey}
  })
  requireWithin('request_size', bytes, 0, limits.requestBytes)
  return {topic, messages: parsed}
}

/** @returns how many bytes they have. */
function checkAttributes(attributes: Readonly<Record<string, string>>): number {
  const entries = Object.entries(attributes)
  requireWithin('attribute_count', entries.length, 0, limits.attributes)
  let bytes = 0
  for (const [key, value] of entries) {
    const [keyBytes, valueBytes] = [Buffer.byteLength(key), Buffer.byteLength(value)]
    requireWithin('attribute key length', keyBytes, 1, limits.keyBytes)
    requireWithin('attribute value length', valueBytes, 0, limits.valueBytes)
    if (key.startsWith('goog')) {
      throw new StatusError(
        'INVALID_ARGUMENT',
        `The attribute key ${key} is not allowed: keys must not begin with "goog".`,
      )
    }
    bytes += keyBytes + valueBytes
  }
  return bytes
}

function emptyMessage(): StatusError {
  return new StatusError(
    'INVALID_ARGUMENT',
    'One or more messages in the publish request is empty. Each message must contain either non-empty data, or at ' +
      'least one attribute. See https://cloud.google.com/pubsub/docs/reference/rpc/google.pubsub.v1#pubsubmessage ' +
      'for more information.',
  )
}

/** @throws StatusError INVALID_ARGUMENT, unless told otherwise, in Google's words. */
export function requireWithin(
  what: string,
  value: number,
  minimum: number,
  maximum: number,
  status: 'INVALID_ARGUMENT' | 'OUT_OF_RANGE' = 'INVALID_ARGUMENT',
): void {
  if (value >= minimum && value <= maximum) return
  const [word, bound, limit] = value < minimum ? ['small', 'minimum', minimum] : ['large', 'maximum', maximum]
  throw new StatusError(
    status,
    `The value for ${what} is too ${word}. You passed ${value} in the request, but the ${bound} value is ${limit}.`,
  )
}
