import {NotAcknowledgedError} from '../errors/not-acknowledged-error.ts'
import {manualCheckOf} from '../job/manual-check.ts'
import type {LedgerEntry, LedgerError} from '../ledger/ledger-entry.ts'
import {toMessageText} from '../log/error-text.ts'
import type {DeadLetterNote} from '../run/dead-letter.ts'
import type {Claim} from './claim-run.ts'
import {deadLetter, toLedgerError} from './dead-letter.ts'
import {type Delivery, type DeliveryServices, toEntry} from './delivery.ts'
import {type Executed, recordEnd} from './executed.ts'

/** Dead-letters the message of an attempt that has ended so that no other one follows by itself. */
export async function deadLetterAttempt(
  services: DeliveryServices,
  {message, request, args, log}: Delivery,
  executed: Executed,
  {entry, kind}: {readonly entry: LedgerEntry; readonly kind: DeadLetterNote['kind']},
): Promise<void> {
  const {job} = services
  const {started, attemptsOfMessage} = executed
  const error: LedgerError = entry.error ?? toLedgerError(new Error(entry.summary ?? 'failed'), 'permanent')
  if (job.isReadOnly(args)) {
    // There is nothing to replay: the answer is in the ledger, and a new message asks again.
    await recordEnd(services, executed, {...entry, error: {...error, kind}}).catch(cause => {
      throw new NotAcknowledgedError(`a run that changes nothing failed, but ${toMessageText(cause)}`, {cause})
    })
    return
  }
  const note: DeadLetterNote = {
    job: job.name,
    runId: request.runId,
    sourceTopic: job.topic,
    kind,
    reason: kind === 'unknown outcome' ? unknownOutcomeReason(services, error, entry.attempt) : error.message,
    error: error.name,
    attempts: attemptsOfMessage,
    attempt: entry.attempt,
    firstAt: started.at,
    lastAt: entry.at,
    replays: request.replays,
    messageId: request.messageId,
    requestId: request.requestId,
  }
  await deadLetter(
    services,
    {message, log},
    {
      note,
      entry: {...entry, error: {...error, message: note.reason}},
      record: last => recordEnd(services, executed, last),
    },
  )
}

/** What to check, and the one attribute that says that it was checked: it covers this attempt and those before it. */
function unknownOutcomeReason(
  {job, environment}: Pick<DeliveryServices, 'job' | 'environment'>,
  {message}: LedgerError,
  attempt: number,
): string {
  const manualCheck = manualCheckOf(job, environment.projectId)
  const check = manualCheck === undefined ? '' : ` ${manualCheck}`
  return `Outcome unknown: ${message}.${check} To run it again: replay this dead letter with --force, or publish it with all its attributes and checkedAttempt=${attempt}.`
}

/** A message that is a dead letter without an attempt: its run started once and its outcome is unknown. */
export async function settleUnknown(
  services: DeliveryServices,
  delivery: Delivery,
  {entry: abandoned, unknownAttempt, attempts}: Claim & {readonly kind: 'unknown'},
): Promise<void> {
  const at = abandoned?.at.toISOString() ?? 'an unknown time'
  const error = new Error(
    abandoned?.event === 'started'
      ? `attempt ${unknownAttempt} started at ${at} and never ended`
      : `the outcome of attempt ${unknownAttempt}, which ended at ${at}, is unknown, and this message does not say that it was checked`,
  )
  const entry = toEntry(services, delivery, {
    attempt: unknownAttempt,
    event: 'failed',
    at: services.now(),
    error: toLedgerError(error, 'ambiguous'),
  })
  delivery.log.error(`${services.job.name} failed: ${error.message}`)
  const started = abandoned ?? entry
  const executed = {started, isRecorded: true, attemptsOfMessage: attempts}
  await deadLetterAttempt(services, delivery, executed, {entry, kind: 'unknown outcome'})
}
