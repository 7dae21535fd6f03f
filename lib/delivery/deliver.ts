import {createHash} from 'node:crypto'
import {InvalidMessageError} from '../errors/invalid-message-error.ts'
import {manualTopic, unroutedJob} from '../job/job-name.ts'
import {skipped} from '../job/outcome.ts'
import {toPrintableLine} from '../log/printable.ts'
import {type Message, parseDelivery} from '../run/message.ts'
import {reasonToSkipRun} from '../run/missed-slot.ts'
import {isRunId, messageRunId} from '../run/run-id.ts'
import {parseRunArgs, parseRunRequest, type RunRequest} from '../run/run-request.ts'
import {executeAttempt} from './attempt.ts'
import {claimRun} from './claim-run.ts'
import {createDeadLetterMessage, toLedgerError} from './dead-letter-message.ts'
import {type Delivery, type DeliveryServices, toEntry} from './delivery.ts'
import {isUnrouted, routeUnrouted} from './route-unrouted.ts'
import {settle, settleUnknown} from './settle.ts'

/**
 * Delivers an event to the job. Resolving acknowledges its message; that happens only when the outcome is safe in the
 * ledger or in `dead-letters`. Throwing does not acknowledge it, and Pub/Sub delivers it again.
 *
 * @param stop fires when the instance is told to stop.
 */
export type Deliver = (event: unknown, stop: AbortSignal) => Promise<void>

/** The one place that decides what becomes of a message; the steps are those of the design, in their order. */
export function createDeliver(services: DeliveryServices): Deliver {
  const {job, log, now} = services
  return async (event, stop) => {
    const arrivedAt = now()
    let message: Message | undefined
    let delivery: Delivery
    try {
      message = parseDelivery(event)
      if (isUnrouted(message)) return await routeUnrouted(services, message)
      if (isForAnother(services, message)) return
      delivery = toDelivery(message)
    } catch (error) {
      if (!(error instanceof InvalidMessageError)) throw error
      return deadLetterInvalid(services, message ?? toRawMessage(event, now()), error)
    }

    const claim = await claimRun(services, delivery, stop)
    if (claim.kind === 'finished') return recordDuplicate(services, delivery, claim.entry.event)
    if (claim.kind === 'unknown') return settleUnknown(services, delivery, claim.entry, claim.attempts)

    const {started} = claim
    const attemptLog = delivery.log.child({attempt: String(started.attempt)})
    if (claim.kind === 'unrecorded') {
      attemptLog.warn('running without the run ledger: the job may be repeated, so it does not wait for it', {
        reason: claim.reason.message,
      })
    }
    const attemptsOfMessage = claim.kind === 'claimed' ? claim.attemptsOfMessage : 1
    const lateness = reasonToSkipRun(job, delivery.request, now())
    if (lateness !== undefined) {
      const outcome = skipped(`came too late, nothing done: ${lateness}`)
      return settle(services, {...delivery, log: attemptLog}, {started, attemptsOfMessage, result: {outcome}})
    }
    attemptLog.info(job.context, {part: started.part, trigger: started.trigger, args: delivery.args})
    // The function's own time began with the message, and waiting for another one's lease may have used a part of it.
    const secondsLeft = Math.max(1, job.timeoutSeconds - (now().getTime() - arrivedAt.getTime()) / 1000)
    const result = await executeAttempt({
      job,
      started,
      ledger: services.ledger,
      log: attemptLog,
      now,
      leaseSeconds: services.environment.leaseSeconds,
      timeoutSeconds: Math.min(secondsLeft, services.environment.jobTimeoutSeconds ?? Number.POSITIVE_INFINITY),
      stop,
      createContext: ({signal, windDown, deadline, progress}) => ({
        ...services.createClients({log: attemptLog, signal, deadline}),
        args: {...delivery.args},
        runId: delivery.request.runId,
        requestedBy: delivery.request.requestedBy,
        part: delivery.request.part,
        slot: delivery.request.slot,
        environment: services.environment,
        log: attemptLog,
        signal,
        windDown,
        now,
        progress,
      }),
    })
    await settle(services, {...delivery, log: attemptLog}, {started, attemptsOfMessage, result})
  }

  function toDelivery(message: Message): Delivery {
    const request = parseRunRequest(job, message)
    const args = parseRunArgs(job, message)
    const deliveryLog = log.child({job: job.name, runId: request.runId}, message.traceparent)
    return {message, request, args, isIdempotent: job.isIdempotent(args), log: deliveryLog}
  }
}

/**
 * All release jobs share a topic, and Google's emulator ignores the filters of its subscriptions: what is meant for
 * another job is acknowledged.
 */
function isForAnother({job, log}: DeliveryServices, {attributes, messageId}: Message): boolean {
  if (job.topic !== manualTopic || attributes['job'] === job.name) return false
  log.debug(`message ${messageId} is for another job`)
  return true
}

/** An event that holds no message is kept as it came. */
function toRawMessage(event: unknown, publishTime: Date): Message {
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

async function deadLetterInvalid(
  services: DeliveryServices,
  message: Message,
  error: InvalidMessageError,
): Promise<void> {
  const {publisher, ledger, redact, now} = services
  const {attributes, messageId, publishTime} = message
  // What no job's name brought here isn't a failure of the job whose function found it.
  const job = isUnrouted(message) ? {name: unroutedJob, topic: manualTopic} : services.job
  const runId = isRunId(attributes['runId'] ?? '', job.name)
    ? (attributes['runId'] ?? '')
    : messageRunId(job.name, messageId, publishTime)
  const request: RunRequest = {
    runId,
    messageId,
    trigger: 'manual',
    requestedBy: toPrintableLine(attributes['requestedBy'] ?? 'unknown', 200),
    part: 1,
    replays: 0,
    isForced: false,
    slot: undefined,
  }
  const log = services.log.child({job: job.name, runId}, message.traceparent)
  log.error(`unreadable message ${messageId}: ${error.message}`)
  const at = now()
  const reason = error.message
  await createDeadLetterMessage({publisher, ledger, redact, log})(
    message,
    {
      job: job.name,
      runId,
      sourceTopic: job.topic,
      kind: 'unreadable',
      reason,
      error: error.name,
      attempts: 0,
      firstAt: at,
      lastAt: at,
      replays: 0,
      messageId,
    },
    {
      ...toEntry(services, {request, args: {}}, {attempt: 0, event: 'failed', at}),
      job: job.name,
      error: toLedgerError(error, 'permanent'),
    },
  )
}

/** Another delivery of a run that is over: nothing runs, and the history says that it came. */
async function recordDuplicate(services: DeliveryServices, delivery: Delivery, event: string): Promise<void> {
  delivery.log.info(`run ${delivery.request.runId} has ${event} already: nothing to do`)
  const entry = toEntry(services, delivery, {attempt: 0, event: 'duplicate', at: services.now()})
  await services.ledger.record(services.redact(entry)).catch(error => {
    delivery.log.warn('the duplicate is not in the run ledger', {reason: String(error)})
  })
}
