import type {Job} from '../job/job.ts'
import {isRunId, slotRunId} from '../job/run-id.ts'
import {parseDeadLetterNote, toOriginal} from './dead-letter.ts'
import {hasArguments, type Message} from './message.ts'
import {slotAt} from './slot.ts'

/** What Pub/Sub adds to a message that it moves to `dead-letters` by itself. */
const movedFrom = 'CloudPubSubDeadLetterSourceSubscription'
const movedPublishTime = 'CloudPubSubDeadLetterSourceTopicPublishTime'

export type ReplayByHand = {
  /** As `npm run replay` would have published them. */
  readonly attributes: Readonly<Record<string, string>>
  /** An attempt whose outcome is unknown, by the dead letter's own note; 0: none. */
  readonly doubtfulAttempt: number
}

/**
 * Reads a dead letter that somebody published to its source topic, its attributes unchanged.
 *
 * @returns undefined for a message without a dead letter's note.
 */
export function replayByHandOf(job: Job, message: Message): ReplayByHand | undefined {
  const {attributes} = message
  const note = parseDeadLetterNote(attributes)
  if (note === undefined && attributes[movedFrom] === undefined) return undefined
  const {replays = '0', ...original} = toOriginal(message).attributes
  const known = note !== undefined && isRunId(note.runId, job.name) ? note.runId : runIdOfMoved(job, message)
  const runId = original['runId'] ?? known
  const before = Math.max(note?.replays ?? 0, /^\d{1,6}$/.test(replays) ? Number(replays) : 0)
  const isDoubtful = note === undefined ? runId === undefined : note.kind === 'unknown outcome'
  return {
    attributes: {
      ...original,
      ...(runId === undefined ? {} : {runId}),
      trigger: 'replay',
      replays: String(before + 1),
      requestedBy: 'by hand',
      ...addedByHand(attributes),
      ...(note !== undefined && !isDoubtful ? {endedAttempt: String(note.attempt)} : {}),
    },
    doubtfulAttempt: isDoubtful ? Math.max(1, note?.attempt ?? 1) : 0,
  }
}

/**
 * The run of a message that Pub/Sub moved: its slot, if the scheduler published it. Any other run id was derived from
 * the message's first id, which is lost: whether it was executed then can't be known.
 */
function runIdOfMoved(job: Job, message: Message): string | undefined {
  const {attributes} = message
  const publishedAt = new Date(attributes[movedPublishTime] ?? Number.NaN)
  const isTime = publishedAt.getTime() >= 0 && publishedAt.getTime() < Date.UTC(10_000, 0)
  if (job.schedule === undefined || attributes['trigger'] === 'manual' || !isTime) return undefined
  if (hasArguments(toOriginal(message).data)) return undefined
  const slot = slotAt(job.schedule, publishedAt)
  return slot === undefined ? undefined : slotRunId(job.name, slot)
}

/** What the publisher may add: which attempt was checked, and that it should run although its slot is long over. */
function addedByHand({checkedAttempt, force}: Message['attributes']): Record<string, string> {
  return {...(checkedAttempt === undefined ? {} : {checkedAttempt}), ...(force === undefined ? {} : {force})}
}
