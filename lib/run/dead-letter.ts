import {gzipSync} from 'node:zlib'
import * as z from 'zod'
import {deadLetterKinds} from '../ledger/ledger-entry.ts'
import {toPrintableLine} from '../log/printable.ts'
import {attributesSchema} from './run-request.ts'

/** Why and since when a message is set aside. Travels as attributes beside the message's own. */
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
}

export type OutgoingMessage = {readonly data: Buffer; readonly attributes: Readonly<Record<string, string>>}

/** Prefix of what this project adds; the original attributes keep their names. */
const prefix = 'deadLetter-'
// Pub/Sub's limits. Source: Pub/Sub quotas, "Resource limits".
const maxAttributes = 100
const maxValueBytes = 1024
const maxMessageBytes = 10_000_000

/**
 * The message that goes to `dead-letters`: the original's data and attributes unchanged, and the note beside them.
 * Data that no longer fits with the note is compressed, and marked so; attributes that no longer fit are left out, but
 * none that a job reads.
 */
export function toDeadLetter(
  original: {data: Buffer; attributes: Readonly<Record<string, string>>},
  note: DeadLetterNote,
): OutgoingMessage {
  const notes = {
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
  }
  const attributes: Record<string, string> = keepMost(
    original.attributes,
    maxAttributes - Object.keys(notes).length - 1,
  )
  for (const [name, value] of Object.entries(notes)) attributes[prefix + name] = cut(toPrintableLine(value, 1000))
  // Pub/Sub refuses a message with neither data nor attributes, and the framework one without data: `{}` is what no
  // data means to a job.
  const size = original.data.length + Buffer.byteLength(JSON.stringify(attributes))
  if (size < maxMessageBytes - 1000) return {data: original.data, attributes}
  return {data: gzipSync(original.data), attributes: {...attributes, [`${prefix}encoding`]: 'gzip'}}
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
})

/** The note of a dead letter; undefined for one that Pub/Sub itself moved. */
export function parseDeadLetterNote(attributes: Readonly<Record<string, string>>): DeadLetterNote | undefined {
  const notes = Object.entries(attributes).flatMap(([name, value]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
  )
  return noteSchema.safeParse(Object.fromEntries(notes)).data
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
