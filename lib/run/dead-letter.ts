import {gunzipSync, gzipSync} from 'node:zlib'
import * as z from 'zod'
import {deadLetterKinds} from '../ledger/ledger-entry.ts'
import {toPrintableLine} from '../log/printable.ts'
import {attributesSchema, toLastingAttributes} from './run-attributes.ts'

/** Why and since when a message is dead-lettered. Travels as attributes beside the message's own. */
export type DeadLetterNote = {
  readonly job: string
  readonly runId: string
  readonly sourceTopic: string
  readonly kind: (typeof deadLetterKinds)[number]
  /** One sentence: what is wrong and what to do. */
  readonly reason: string
  readonly error: string
  /** Attempts that executed. */
  readonly attempts: number
  readonly firstAt: Date
  readonly lastAt: Date
  readonly replays: number
  readonly messageId: string
  /** What the messages of the original's publication have in common. */
  readonly requestId: string | undefined
  /**
   * The highest attempt that this is about; 0 where none started. Unless the outcome is unknown, that attempt has ended,
   * though the run ledger may not know it.
   */
  readonly attempt: number
}

export type OutgoingMessage = {readonly data: Buffer; readonly attributes: Readonly<Record<string, string>>}

/** Prefix of what this project adds; the original attributes keep their names. */
const prefix = 'deadLetter-'
// Pub/Sub's limits. Source: Pub/Sub quotas, "Resource limits".
const maxAttributes = 100
const maxValueBytes = 1024
const maxMessageBytes = 10_000_000
/** Nothing that expands beyond this is a message of ours. */
const maxExpandedBytes = 16_000_000

/**
 * The message that goes to `dead-letters`: the failed one's data and attributes, and the note beside them. What belongs
 * to one publication only is left out. Data that no longer fits with the note is compressed, and marked so; attributes
 * that no longer fit are left out, but none that a job reads.
 */
export function toDeadLetter(message: OutgoingMessage, note: DeadLetterNote): OutgoingMessage {
  // A dead letter that was published again with its note, and failed again.
  const original = toOriginal(message)
  const notes = Object.entries({
    job: note.job,
    runId: note.runId,
    sourceTopic: note.sourceTopic,
    kind: note.kind,
    reason: note.reason,
    error: note.error,
    attempts: String(note.attempts),
    firstAt: note.firstAt.toISOString(),
    lastAt: note.lastAt.toISOString(),
    replays: String(note.replays),
    messageId: note.messageId,
    requestId: note.requestId,
    attempt: String(note.attempt),
  })
  const attributes = keepMost(original.attributes, maxAttributes - notes.length - 1)
  for (const [name, value] of notes) {
    if (value !== undefined) attributes[prefix + name] = cut(toPrintableLine(value, 1000))
  }
  // Pub/Sub refuses a message with neither data nor attributes, and the framework one without data: `{}` is what no
  // data means to a job.
  const size = original.data.length + Buffer.byteLength(JSON.stringify(attributes))
  if (size < maxMessageBytes - 1000) return {data: original.data, attributes}
  return {data: gzipSync(original.data), attributes: {...attributes, [`${prefix}encoding`]: 'gzip'}}
}

/** A dead letter's message as it was published to its source topic, but for what belonged to that publication only. */
export function toOriginal({data, attributes}: OutgoingMessage): OutgoingMessage {
  const isCompressed = attributes[`${prefix}encoding`] === 'gzip'
  return {data: isCompressed ? expand(data) : data, attributes: toLastingAttributes(attributes)}
}

/** Data that isn't what its attribute says was published that way: it stays unchanged. */
function expand(data: Buffer): Buffer {
  try {
    return gunzipSync(data, {maxOutputLength: maxExpandedBytes})
  } catch {
    return data
  }
}

const noteSchema = z.object({
  job: z.string(),
  runId: z.string(),
  sourceTopic: z.string(),
  kind: z.enum(deadLetterKinds),
  reason: z.string(),
  error: z.string(),
  attempts: z.coerce.number(),
  firstAt: z.coerce.date(),
  lastAt: z.coerce.date(),
  replays: z.coerce.number(),
  messageId: z.string(),
  // Dead letters of earlier releases lack these.
  requestId: z.string().optional(),
  attempt: z.coerce.number().default(0),
})

/** The note of a dead letter; undefined for one that Pub/Sub itself moved. */
export function parseDeadLetterNote(attributes: Readonly<Record<string, string>>): DeadLetterNote | undefined {
  const notes = Object.entries(attributes).flatMap(([name, value]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
  )
  const {data} = noteSchema.safeParse(Object.fromEntries(notes))
  return data === undefined ? undefined : {...data, requestId: data.requestId}
}

/** The attributes that mean something to `parseRunRequest()` first. */
function keepMost(attributes: Readonly<Record<string, string>>, most: number): Record<string, string> {
  const entries = Object.entries(attributes)
  if (entries.length <= most) return {...attributes}
  const isRead = ([name]: readonly [string, string]) => Object.hasOwn(attributesSchema.shape, name)
  return Object.fromEntries([...entries.filter(isRead), ...entries.filter(entry => !isRead(entry))].slice(0, most))
}

function cut(value: string): string {
  const bytes = Buffer.from(value)
  if (bytes.length <= maxValueBytes) return value
  // Cutting inside a character leaves a replacement character, which is dropped.
  return `${bytes
    .subarray(0, maxValueBytes - 4)
    .toString()
    .replace(/\ufffd+$/, '')}…`
}
