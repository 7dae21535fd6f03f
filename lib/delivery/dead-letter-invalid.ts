import {createHash} from 'node:crypto'
import type {InvalidMessageError} from '../errors/invalid-message-error.ts'
import {manualTopic, unroutedJob} from '../job/job-name.ts'
import {isRunId, messageRunId} from '../job/run-id.ts'
import {toPrintableLine} from '../log/printable.ts'
import {parseDeadLetterNote} from '../run/dead-letter.ts'
import type {Message} from '../run/message.ts'
import type {RunRequest} from '../run/run-request.ts'
import {deadLetter, toLedgerError} from './dead-letter.ts'
import {type DeliveryServices, toEntry} from './delivery.ts'
import {isUnrouted} from './route-unrouted.ts'

/** An event that holds no message is kept unchanged. */
export function toRawMessage(event: unknown, publishTime: Date): Message {
  const data = Buffer.from(JSON.stringify(event) ?? '')
  const messageId = createHash('sha256').update(data).digest('hex').slice(0, 20)
  return {
    messageId,
    publishTime,
    attributes: {},
    data,
    topic: undefined,
    subscription: undefined,
    traceparent: undefined,
  }
}

/**
 * Dead-letters what can't be read. Its entry stands in the history of the run whose id it bears, as attempt 0: a
 * command that published that run and waits for it sees the entry, which never ends an attempt or a run.
 */
export async function deadLetterInvalid(
  services: DeliveryServices,
  message: Message,
  error: InvalidMessageError,
): Promise<void> {
  const {ledger, now} = services
  const {attributes, messageId, publishTime} = message
  // What no job's name brought here isn't a failure of the job whose function found it.
  const job = isUnrouted(message) ? {name: unroutedJob, topic: manualTopic} : services.job
  const runId = isRunId(attributes['runId'] ?? '', job.name)
    ? (attributes['runId'] ?? '')
    : messageRunId(job.name, messageId, publishTime)
  const note = parseDeadLetterNote(attributes)
  const requestId = attributes['requestId']
  const request: RunRequest = {
    runId,
    messageId,
    requestId: requestId === undefined ? undefined : toPrintableLine(requestId, 200),
    trigger: 'manual',
    requestedBy: toPrintableLine(attributes['requestedBy'] ?? 'unknown', 200),
    part: 1,
    replays: note === undefined ? 0 : note.replays + 1,
    checkedAttempt: 0,
    endedAttempt: 0,
    doubtfulAttempt: 0,
    isForced: false,
    isReplayByHand: note !== undefined,
    slot: undefined,
  }
  const log = services.log.child({job: job.name, runId}, message.traceparent)
  log.error(`unreadable message ${messageId}: ${error.message}`)
  const at = now()
  await deadLetter(
    services,
    {message, log},
    {
      note: {
        job: job.name,
        runId,
        sourceTopic: job.topic,
        kind: 'unreadable',
        reason: error.message,
        error: error.name,
        attempts: 0,
        attempt: 0,
        firstAt: at,
        lastAt: at,
        replays: request.replays,
        messageId,
        requestId: request.requestId,
      },
      entry: {
        ...toEntry(services, {request, args: {}}, {attempt: 0, event: 'failed', at}),
        job: job.name,
        error: toLedgerError(error, 'permanent'),
      },
      record: ledger.record,
    },
  )
}
