import {InvalidMessageError} from '../errors/invalid-message-error.ts'
import {NotAcknowledgedError} from '../errors/not-acknowledged-error.ts'
import type {Outcome} from '../job/outcome.ts'
import type {LedgerEntry, LedgerError} from '../ledger/ledger-entry.ts'
import {toMessageText, toText} from '../log/error-text.ts'
import {toPrintable, toPrintableLine} from '../log/printable.ts'
import type {DeadLetterNote, OutgoingMessage} from '../run/dead-letter.ts'
import {parseArgs} from '../run/message.ts'
import type {AttemptResult} from './attempt.ts'
import {createDeadLetterMessage, toLedgerError} from './dead-letter-message.ts'
import {type Delivery, type DeliveryServices, toEntry} from './delivery.ts'
import {dispositionOf} from './disposition.ts'

/** Lines of errors that an entry keeps; the rest is counted. */
const maxDetails = 200

/** An attempt that was executed, on its way to the ledger. */
export type Executed = {
  readonly started: LedgerEntry
  readonly attemptsOfMessage: number
  readonly result: AttemptResult
}

/**
 * Makes an attempt's end safe: in the ledger, or as a dead letter. Returning acknowledges the message.
 *
 * @throws NotAcknowledgedError if the message should come back.
 */
export async function settle(services: DeliveryServices, delivery: Delivery, executed: Executed): Promise<void> {
  const {outcome} = executed.result
  if (outcome === undefined) return settleError(services, delivery, executed, executed.result.error)
  if (outcome.event === 'continued') {
    const error = await publishNext(services, delivery, outcome)
    if (error !== undefined) return settleError(services, delivery, executed, error)
  }
  const entry = endEntry(services, delivery, executed, outcomeFields(outcome))
  logEnd(delivery, entry, executed.attemptsOfMessage)
  if (outcome.event === 'failed') return deadLetterMessage(services, delivery, executed, entry, 'permanent')
  try {
    await services.ledger.record(entry)
  } catch (error) {
    if (delivery.isIdempotent) {
      throw new NotAcknowledgedError(`${outcome.event}, but ${toMessageText(error)}`, {cause: error})
    }
    const reason = `It ended as ${outcome.event} (${outcome.summary}), but the run ledger could not be told: ${toMessageText(error)}`
    const unknown = {...entry, error: {...toLedgerError(new Error(reason), 'ambiguous')}}
    await deadLetterMessage(services, delivery, executed, unknown, 'unknown outcome')
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
  if (disposition === 'permanent') return deadLetterMessage(services, delivery, executed, entry, 'permanent')
  if (disposition === 'ambiguous') return deadLetterMessage(services, delivery, executed, entry, 'unknown outcome')
  if (executed.attemptsOfMessage >= job.maxAttempts)
    return deadLetterMessage(services, delivery, executed, entry, 'exhausted')
  await services.ledger.record(entry).catch(cause => {
    delivery.log.warn('the failed attempt is not in the run ledger', {reason: toMessageText(cause)})
  })
  throw new NotAcknowledgedError(toPrintableLine(services.redact(toMessageText(error))), {cause: error})
}

/** A message that is a dead letter without an attempt: its run started once and nobody knows how it ended. */
export async function settleUnknown(
  services: DeliveryServices,
  delivery: Delivery,
  abandoned: LedgerEntry,
  attempts: number,
): Promise<void> {
  const at = abandoned.at.toISOString()
  const error = new Error(
    abandoned.event === 'started'
      ? `attempt ${abandoned.attempt} started at ${at} and never ended, so nobody knows what it did`
      : `nobody knows what attempt ${abandoned.attempt} did before it ended at ${at}, and this message does not say that it may be repeated`,
  )
  const entry = toEntry(services, delivery, {
    attempt: abandoned.attempt,
    event: 'failed',
    at: services.now(),
    error: toLedgerError(error, 'ambiguous'),
  })
  delivery.log.error(`${services.job.name} failed: ${error.message}`)
  await deadLetterMessage(
    services,
    delivery,
    {started: abandoned, attemptsOfMessage: attempts, result: {error}},
    entry,
    'unknown outcome',
  )
}

async function deadLetterMessage(
  services: DeliveryServices,
  {message, request, args, log}: Delivery,
  {started, attemptsOfMessage}: Executed,
  entry: LedgerEntry,
  kind: DeadLetterNote['kind'],
): Promise<void> {
  const {job, publisher, ledger, redact} = services
  const error: LedgerError = entry.error ?? toLedgerError(new Error(entry.summary ?? 'failed'), 'permanent')
  if (job.isReadOnly(args)) {
    // There is nothing to replay: whoever looked reads the answer in the ledger, and looks again.
    await ledger.record({...entry, error: {...error, kind}}).catch(cause => {
      throw new NotAcknowledgedError(`a run that changes nothing failed, but ${toMessageText(cause)}`, {cause})
    })
    return
  }
  const check = kind === 'unknown outcome' && job.manualCheck !== undefined ? ` ${job.manualCheck}` : ''
  const note: DeadLetterNote = {
    job: job.name,
    runId: request.runId,
    sourceTopic: job.topic,
    kind,
    reason: `${kind === 'unknown outcome' ? 'Outcome unknown: ' : ''}${error.message}${check}`,
    error: error.name,
    attempts: attemptsOfMessage,
    firstAt: started.at,
    lastAt: entry.at,
    replays: request.replays,
    messageId: request.messageId,
  }
  const set = createDeadLetterMessage({publisher, ledger, redact, log})
  await set(message, note, {...entry, error: {...error, message: note.reason}})
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

function outcomeFields(outcome: Outcome): Pick<LedgerEntry, 'event'> & Partial<LedgerEntry> {
  const lines = [outcome.summary, ...outcome.warnings.map(warning => `Warning: ${warning}`)]
  const details = outcome.errors.slice(0, maxDetails).map(line => toPrintableLine(line))
  if (outcome.errors.length > maxDetails) details.push(`and ${outcome.errors.length - maxDetails} more`)
  const isBad = outcome.event === 'failed' || outcome.event === 'degraded'
  return {
    event: outcome.event,
    summary: toPrintable(lines.join('\n'), 4000),
    counts: {...outcome.counts},
    ...(isBad ? {error: {...toLedgerError(new Error(outcome.summary), 'permanent'), name: 'JobFailed', details}} : {}),
  }
}

function endEntry(
  services: DeliveryServices,
  delivery: Delivery,
  {started}: Executed,
  more: Pick<LedgerEntry, 'event'> & Partial<LedgerEntry>,
): LedgerEntry {
  const at = services.now()
  const durationMilliseconds = at.getTime() - started.at.getTime()
  return services.redact(toEntry(services, delivery, {attempt: started.attempt, at, durationMilliseconds, ...more}))
}

/** The one closing line of an attempt. */
function logEnd({log}: Delivery, entry: LedgerEntry, attempt: number, error?: Error): void {
  const {event, durationMilliseconds = 0, counts, summary} = entry
  const text = summary ?? entry.error?.message ?? ''
  const line = `${entry.job} ${event} in ${(durationMilliseconds / 1000).toFixed(1)} s: ${text}`
  const data = {outcome: event, durationMilliseconds, delivery: attempt, ...(counts === undefined ? {} : {counts})}
  const errors = entry.error?.details.length ? {errors: entry.error.details} : {}
  if (event === 'failed') log.error(line, error, {...data, ...errors})
  else if (event === 'degraded') log.warn(line, {...data, ...errors})
  else log.info(line, data)
}
