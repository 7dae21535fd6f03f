import {InvalidMessageError} from '../errors/invalid-message-error.ts'
import {NotAcknowledgedError} from '../errors/not-acknowledged-error.ts'
import {manualTopic} from '../job/job-name.ts'
import {skipped} from '../job/outcome.ts'
import {type Message, parseDelivery} from '../run/message.ts'
import {reasonToSkipRun} from '../run/missed-slot.ts'
import {parseRunArgs, parseRunRequest} from '../run/run-request.ts'
import {executeAttempt} from './attempt.ts'
import {claimRun} from './claim-run.ts'
import {settleUnknown} from './dead-letter-attempt.ts'
import {deadLetterInvalid, toRawMessage} from './dead-letter-invalid.ts'
import type {Delivery, DeliveryServices} from './delivery.ts'
import {recordDuplicate} from './duplicate.ts'
import {giveUp, type OpenClaims} from './give-up.ts'
import {isUnrouted, routeUnrouted} from './route-unrouted.ts'
import {settle} from './settle.ts'

/**
 * Delivers an event to the job. Resolving acknowledges its message; that happens only when the outcome is safe in the
 * ledger or in `dead-letters`. Throwing does not acknowledge it, and Pub/Sub delivers it again.
 *
 * @param stop fires when the instance is told to stop.
 */
export type Deliver = (event: unknown, stop: AbortSignal) => Promise<void>

/** The one place that decides what becomes of a message, step by step. */
export function createDeliver(services: DeliveryServices): Deliver {
  const {job, log, now} = services
  const openClaims: OpenClaims = new Map()
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

    const claim = await claimRun(services, delivery, {stop, openClaims})
    if (claim.kind === 'finished') return recordDuplicate(services, delivery, claim.entry)
    if (claim.kind === 'unknown') return settleUnknown(services, delivery, claim)

    const {started} = claim
    const claimed = claim.kind === 'claimed' ? claim : undefined
    const attemptLog = delivery.log.child({attempt: claimed === undefined ? 'unrecorded' : String(started.attempt)})
    if (claim.kind === 'unrecorded') {
      attemptLog.warn('running without the run ledger: the job is idempotent, so it does not wait for it', {
        reason: claim.reason.message,
      })
    }
    const executed = {started, isRecorded: claimed !== undefined, attemptsOfMessage: claimed?.attemptsOfMessage ?? 1}
    const lateness = reasonToSkipRun(job, delivery.request, now())
    if (lateness !== undefined) {
      const result = {kind: 'ended' as const, outcome: skipped(`came too late, nothing done: ${lateness}`)}
      return settle(services, {...delivery, log: attemptLog}, {...executed, result})
    }
    attemptLog.info(job.context, {part: started.part, trigger: started.trigger, args: delivery.args})
    // The function's own time began with the message, and waiting for another one's lease may have used a part of it.
    const secondsLeft = Math.max(1, job.timeoutSeconds - (now().getTime() - arrivedAt.getTime()) / 1000)
    const result = await executeAttempt({
      job,
      claimed,
      ledger: services.ledger,
      log: attemptLog,
      now,
      leaseSeconds: services.environment.leaseSeconds,
      timeoutSeconds: Math.min(secondsLeft, services.environment.jobTimeoutSeconds ?? Number.POSITIVE_INFINITY),
      stop,
      createContext: ({signal, windDown, deadline, fence, progress, onRetry}) => ({
        ...services.createClients({
          log: attemptLog,
          signal,
          deadline,
          fence,
          // The ledger keeps it, and an API may echo what it was sent.
          onRetry: text => onRetry(text === undefined ? undefined : services.redact(text)),
          traceparent: delivery.message.traceparent,
        }),
        args: {...delivery.args},
        runId: delivery.request.runId,
        requestedBy: delivery.request.requestedBy,
        part: delivery.request.part,
        slot: delivery.request.slot,
        environment: services.environment,
        log: attemptLog,
        signal,
        deadline,
        windDown,
        now,
        progress,
      }),
    })
    if (result.kind === 'not executed') {
      await giveUp(services, delivery, {started, reason: result.reason, openClaims})
      throw new NotAcknowledgedError(`attempt ${started.attempt} was given up: ${result.reason}`)
    }
    await settle(services, {...delivery, log: attemptLog}, {...executed, result})
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
