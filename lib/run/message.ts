import * as z from 'zod'
import {InvalidMessageError} from '../errors/invalid-message-error.ts'
import {toLine} from '../log/issue-line.ts'
import {plural} from '../log/plural.ts'
import {toPrintableLine} from '../log/printable.ts'

/** One message as Pub/Sub delivered it, whichever way; nothing in it is interpreted yet. */
export type Message = {
  readonly messageId: string
  readonly publishTime: Date
  readonly attributes: Readonly<Record<string, string>>
  /** Exactly the published bytes. */
  readonly data: Buffer
  /** Last segment of the topic's name; unknown where the delivery doesn't say it. */
  readonly topic: string | undefined
  /** Last segment of the subscription's name, where the delivery says it. */
  readonly subscription: string | undefined
  /** W3C trace context of the delivery. */
  readonly traceparent: string | undefined
}

const pubSubMessage = z.object({
  data: z.string().default(''),
  attributes: z.record(z.string(), z.string()).nullish(),
  messageId: z.string().min(1).optional(),
  message_id: z.string().min(1).optional(),
  publishTime: z.string().optional(),
  publish_time: z.string().optional(),
})

// Either a CloudEvent (the framework makes one of a push body, Eventarc sends one), or the push body itself: the
// framework leaves that alone when the message has attributes and no data.
const delivery = z.object({
  source: z.string().optional(),
  time: z.string().optional(),
  traceparent: z.string().optional(),
  data: z.object({message: pubSubMessage, subscription: z.string().optional()}).optional(),
  message: pubSubMessage.optional(),
  subscription: z.string().optional(),
})

const endOfTime = Date.UTC(10_000, 0)

/**
 * Reads a delivered event.
 *
 * @throws InvalidMessageError if it holds no Pub/Sub message, or one whose data is not base64.
 */
export function parseDelivery(event: unknown): Message {
  const parsed = delivery.safeParse(event)
  const message = parsed.data?.data?.message ?? parsed.data?.message
  if (!parsed.success || message === undefined) {
    throw new InvalidMessageError(`no Pub/Sub message in the event${parsed.success ? '' : `: ${toLine(parsed.error)}`}`)
  }
  const messageId = message.messageId ?? message.message_id
  if (messageId === undefined) throw new InvalidMessageError('the Pub/Sub message has no id')
  const publishTime = new Date(message.publishTime ?? message.publish_time ?? parsed.data.time ?? Number.NaN)
  // Run ids hold it, and these take the years 1970 to 9999.
  if (!(publishTime.getTime() >= 0 && publishTime.getTime() < endOfTime)) {
    throw new InvalidMessageError('the Pub/Sub message has no publish time')
  }
  return {
    messageId,
    publishTime,
    attributes: message.attributes ?? {},
    data: parseBase64(message.data),
    topic: /\/topics\/([^/]+)$/.exec(parsed.data.source ?? '')?.[1],
    subscription: (parsed.data.data?.subscription ?? parsed.data.subscription)?.split('/').at(-1),
    traceparent: parsed.data.traceparent,
  }
}

/**
 * A message's data as arguments: an object of JSON; no data at all counts as `{}`.
 *
 * @throws InvalidMessageError for anything else.
 */
export function parseData(data: Buffer): Readonly<Record<string, unknown>> {
  if (data.length === 0) return {}
  let text: string
  try {
    text = new TextDecoder('utf-8', {fatal: true}).decode(data)
  } catch (cause) {
    throw new InvalidMessageError(`the data (${plural(data.length, 'byte')}) is not UTF-8 text`, {cause})
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const start = toPrintableLine(text, 60)
    throw new InvalidMessageError(`the data (${plural(data.length, 'byte')}) is not JSON: it starts with ${start}`, {
      cause,
    })
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new InvalidMessageError('the data is JSON, but not an object of arguments')
  }
  return Object.fromEntries(Object.entries(value))
}

/** Whether a message's data says more than "run"; data that can't be read says something. */
export function hasArguments(data: Buffer): boolean {
  try {
    return Object.keys(parseData(data)).length > 0
  } catch (error) {
    if (!(error instanceof InvalidMessageError)) throw error
    return true
  }
}

/**
 * Arguments checked against a job's schema.
 *
 * @throws InvalidMessageError that names each argument that is wrong, and why.
 */
export function parseArgs(schema: z.ZodObject, args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parsed = schema.safeParse(args)
  if (parsed.success) return parsed.data
  throw new InvalidMessageError(`the arguments are wrong: ${toLine(parsed.error)}`)
}

function parseBase64(text: string): Buffer {
  // Buffer.from() passes over whatever is not base64; a message must not change on its way to the dead letters.
  const data = Buffer.from(text, 'base64')
  const urlSafe = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
  if (data.toString('base64').replace(/=+$/, '') !== urlSafe) {
    throw new InvalidMessageError(`the message's data (${plural(text.length, 'character')}) is not base64`)
  }
  return data
}
