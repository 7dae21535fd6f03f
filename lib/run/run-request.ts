import {InvalidMessageError} from '../errors/invalid-message-error.ts'
import type {Job} from '../job/job.ts'
import {isRunId, messageRunId, slotOfRunId, slotRunId} from '../job/run-id.ts'
import {toLine} from '../log/issue-line.ts'
import {toPrintableLine} from '../log/printable.ts'
import {toOriginal} from './dead-letter.ts'
import {hasArguments, type Message, parseArgs, parseData} from './message.ts'
import {replayByHandOf} from './replay-by-hand.ts'
import {attributesSchema} from './run-attributes.ts'
import {slotAt} from './slot.ts'

export type Trigger = 'schedule' | 'manual' | 'replay'

/** What a message asks for: which run, which part of it, with what. */
export type RunRequest = {
  readonly runId: string
  readonly messageId: string
  readonly trigger: Trigger
  readonly requestedBy: string
  /** From 1; a continued run's next message has the next part. */
  readonly part: number
  /** How often the run was replayed. */
  readonly replays: number
  /** What the messages of one publication have in common; undefined where the publisher doesn't say it. */
  readonly requestId: string | undefined
  /** An operator checked what this attempt and those before it did, and accepts that the run is executed again; 0: none. */
  readonly checkedAttempt: number
  /** An attempt that has ended, by its dead letter's note, though the run ledger may not know it; 0: none. */
  readonly endedAttempt: number
  /** An attempt whose outcome is unknown, by the note of the dead letter that was published again; 0: none. */
  readonly doubtfulAttempt: number
  /** A person wants the run although its slot is long over. */
  readonly isForced: boolean
  /** Whether this is a dead letter that was published again with its note: a replay by hand. */
  readonly isReplayByHand: boolean
  /** The cron slot of a scheduled run. */
  readonly slot: Date | undefined
}

/**
 * Reads the attributes of a message for a job. A message that carries a dead letter's note is a replay of it, as
 * `npm run replay` would have published it.
 *
 * @throws InvalidMessageError that says which attribute is wrong, and what it should be.
 */
export function parseRunRequest(job: Job, message: Message): RunRequest {
  const byHand = replayByHandOf(job, message)
  const parsed = attributesSchema.safeParse(byHand?.attributes ?? message.attributes)
  if (!parsed.success) throw new InvalidMessageError(`the attributes are wrong: ${toLine(parsed.error)}`)
  const attributes = parsed.data
  if (attributes.job !== undefined && attributes.job !== job.name && attributes.job !== job.functionName) {
    throw new InvalidMessageError(`attribute job is not "${job.name}", but the message came to ${job.functionName}`)
  }
  if (attributes.runId !== undefined && !isRunId(attributes.runId, job.name)) {
    throw new InvalidMessageError(`attribute runId is no run id of this job: ${job.name}@<slot or id>`)
  }
  const runId = attributes.runId ?? deriveRunId(job, message, attributes.trigger)
  const slot = slotOfRunId(runId)
  return {
    runId,
    messageId: message.messageId,
    trigger: attributes.trigger ?? (slot === undefined ? 'manual' : 'schedule'),
    requestedBy: toPrintableLine(attributes.requestedBy, 200),
    part: Number(attributes.part),
    replays: Number(attributes.replays),
    requestId: attributes.requestId,
    checkedAttempt: Number(attributes.checkedAttempt),
    endedAttempt: Number(attributes.endedAttempt),
    doubtfulAttempt: byHand?.doubtfulAttempt ?? 0,
    isForced: attributes.force === 'true',
    isReplayByHand: byHand !== undefined,
    slot,
  }
}

/**
 * The arguments of a message, checked by the job's own schema.
 *
 * @throws InvalidMessageError
 */
export function parseRunArgs(job: Job, message: Message): Record<string, unknown> {
  return parseArgs(job.args, parseData(toOriginal(message).data))
}

/**
 * A run id for a message that has none. Without arguments on a scheduled job's own topic it is the scheduler's doing
 * unless it says otherwise: a second message in the same slot is then the same run, so that a double fire (or a
 * forgotten older trigger) can't run a job twice. A message with arguments (a dry run, one organization) is never the
 * slot's: it would leave the rest of the slot's work undone.
 */
function deriveRunId(job: Job, message: Message, trigger: Trigger | undefined): string {
  if (job.schedule !== undefined && trigger !== 'manual' && !hasArguments(toOriginal(message).data)) {
    const slot = slotAt(job.schedule, message.publishTime)
    if (slot !== undefined) return slotRunId(job.name, slot)
  }
  return messageRunId(job.name, message.messageId, message.publishTime)
}
