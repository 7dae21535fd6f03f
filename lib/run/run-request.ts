import * as z from 'zod'
import {InvalidMessageError} from '../errors/invalid-message-error.ts'
import type {Job} from '../job/job.ts'
import {toLine} from '../log/issue-line.ts'
import {toPrintableLine} from '../log/printable.ts'
import {type Message, parseArgs, parseData} from './message.ts'
import {isRunId, messageRunId, slotOfRunId, slotRunId} from './run-id.ts'
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
  /** A person accepted that the run may have been carried out already. */
  readonly isForced: boolean
  /** The cron slot of a scheduled run. */
  readonly slot: Date | undefined
}

/** The attributes that deliver() reads; others are nobody's, and travel along. */
export const attributesSchema = z.object({
  job: z.string().optional(),
  runId: z.string().optional(),
  trigger: z.enum(['schedule', 'manual', 'replay']).optional(),
  requestedBy: z.string().max(200).default('unknown'),
  part: z.stringFormat('part', /^[1-9]\d{0,6}$/).default('1'),
  replays: z.stringFormat('replays', /^\d{1,6}$/).default('0'),
  force: z.enum(['true', 'false']).default('false'),
})

/**
 * Reads the attributes of a message for a job.
 *
 * @throws InvalidMessageError that says which attribute is wrong, and what it should be.
 */
export function parseRunRequest(job: Job, message: Message): RunRequest {
  const parsed = attributesSchema.safeParse(message.attributes)
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
    isForced: attributes.force === 'true',
    slot,
  }
}

/**
 * The arguments of a message, checked by the job's own schema.
 *
 * @throws InvalidMessageError
 */
export function parseRunArgs(job: Job, message: Message): Record<string, unknown> {
  return parseArgs(job.args, parseData(message.data))
}

/**
 * A run id for a message that has none. On a job's own topic that is the scheduler's doing unless it says otherwise:
 * a second message in the same slot is then the same run, so that a double fire (or a forgotten older trigger) can
 * not run a job twice.
 */
function deriveRunId(job: Job, message: Message, trigger: Trigger | undefined): string {
  if (job.schedule !== undefined && trigger !== 'manual') {
    const slot = slotAt(job.schedule, message.publishTime)
    if (slot !== undefined) return slotRunId(job.name, slot)
  }
  return messageRunId(job.name, message.messageId, message.publishTime)
}
