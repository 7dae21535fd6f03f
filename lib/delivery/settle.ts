import {InvalidMessageError} from '../errors/invalid-message-error.ts'
import {NotAcknowledgedError} from '../errors/not-acknowledged-error.ts'
import type {Outcome} from '../job/outcome.ts'
import {toMessageText, toText} from '../log/error-text.ts'
import {toPrintableLine} from '../log/printable.ts'
import type {OutgoingMessage} from '../run/dead-letter.ts'
import {parseArgs} from '../run/message.ts'
import type {AttemptResult} from './attempt.ts'
import {isCancelled} from './cancellation.ts'
import {clearSuperseded} from './clear-superseded.ts'
import {toLedgerError} from './dead-letter.ts'
import {deadLetterAttempt} from './dead-letter-attempt.ts'
import type {Delivery, DeliveryServices} from './delivery.ts'
import {dispositionOf} from './disposition.ts'
import {endEntry, logEnd, outcomeFields} from './end-entry.ts'
import {type Executed, recordEnd} from './executed.ts'

/**
 * Makes an attempt's end safe: in the ledger, or as a dead letter. Returning acknowledges the message.
 *
 * @throws NotAcknowledgedError if the message should come back.
 */
export async function settle(
  services: DeliveryServices,
  delivery: Delivery,
  executed: Executed & {readonly result: Exclude<AttemptResult, {kind: 'not executed'}>},
): Promise<void> {
  const {result} = executed
  if (result.kind === 'lost claim') throw new NotAcknowledgedError(result.error.message, {cause: result.error})
  if (result.kind === 'threw') return settleError(services, delivery, executed, result.error)
  const {outcome} = result
  if (outcome.event === 'continued' && (await isCancelled(services.ledger, executed.started).catch(() => false))) {
    const {summary, counts} = outcome
    const entry = endEntry(services, delivery, executed, {event: 'cancelled', summary, counts: {...counts}})
    logEnd(delivery, entry, executed.attemptsOfMessage)
    return recordEnd(services, executed, entry)
  }
  if (outcome.event === 'continued') {
    const error = await publishNext(services, delivery, outcome)
    if (error !== undefined) return settleError(services, delivery, executed, error)
  }
  const entry = endEntry(services, delivery, executed, outcomeFields(outcome))
  logEnd(delivery, entry, executed.attemptsOfMessage)
  if (outcome.event === 'failed') return deadLetterAttempt(services, delivery, executed, {entry, kind: 'permanent'})
  try {
    await recordEnd(services, executed, entry)
    if (services.job.supersedes(outcome)) await clearSuperseded(services, delivery, entry)
  } catch (error) {
    if (delivery.isIdempotent) {
      throw new NotAcknowledgedError(`${outcome.event}, but ${toMessageText(error)}`, {cause: error})
    }
    const reason = `It ended as ${outcome.event} (${outcome.summary}), but the run ledger could not be updated: ${toMessageText(error)}`
    const unknown = {...entry, error: toLedgerError(new Error(reason), 'ambiguous')}
    await deadLetterAttempt(services, delivery, executed, {entry: unknown, kind: 'unknown outcome'})
  }
}

async function settleError(
  services: DeliveryServices,
  delivery: Delivery,
  executed: Executed,
  error: Error,
): Promise<void> {
  const {job} = services
  const disposition = dispositionOf(error, delivery.isIdempotent)
  const entry = endEntry(services, delivery, executed, {event: 'failed', error: toLedgerError(error, disposition)})
  logEnd(delivery, entry, executed.attemptsOfMessage, error)
  if (disposition !== 'transient') {
    const kind = disposition === 'permanent' ? 'permanent' : 'unknown outcome'
    return deadLetterAttempt(services, delivery, executed, {entry, kind})
  }
  if (executed.attemptsOfMessage >= job.maxAttempts) {
    return deadLetterAttempt(services, delivery, executed, {entry, kind: 'exhausted'})
  }
  try {
    await recordEnd(services, executed, entry)
  } catch (cause) {
    if (!delivery.isIdempotent) {
      // Without the entry, the attempt would look like one with an unknown outcome: the dead letter knows better.
      const reason = `${toMessageText(error)}. Nothing was executed, but the run ledger could not be updated: ${toMessageText(cause)}`
      const known = {...entry, error: {...toLedgerError(new Error(reason), 'transient'), name: error.name}}
      return deadLetterAttempt(services, delivery, executed, {entry: known, kind: 'exhausted'})
    }
    delivery.log.warn('the failed attempt is not in the run ledger', {reason: toMessageText(cause)})
  }
  throw new NotAcknowledgedError(toPrintableLine(services.redact(toMessageText(error))), {cause: error})
}

/**
 * The rest of a run whose time was up: the next part, which any instance may execute.
 *
 * @returns why there is none: the part that wanted to go on has then failed.
 */
async function publishNext(
  {job, publisher}: DeliveryServices,
  {request}: Delivery,
  outcome: Outcome,
): Promise<Error | undefined> {
  const args = {...outcome.next}
  const next: OutgoingMessage = {
    data: Buffer.from(JSON.stringify(args)),
    attributes: {
      job: job.name,
      runId: request.runId,
      trigger: request.trigger,
      requestedBy: request.requestedBy,
      part: String(request.part + 1),
      replays: String(request.replays),
    },
  }
  try {
    parseArgs(job.args, args)
    await publisher.publish(job.topic, next)
  } catch (error) {
    if (!(error instanceof InvalidMessageError)) return error instanceof Error ? error : new Error(toText(error))
    return new InvalidMessageError(`a bug, the job refuses its own next part: ${error.message}`)
  }
}
