import {NotAcknowledgedError} from '../errors/not-acknowledged-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {wait} from '../http/backoff.ts'
import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import {attemptsOfMessage, runStateOf} from '../run/run-state.ts'
import {type Delivery, type DeliveryServices, toEntry} from './delivery.ts'

export type Claim =
  /** Ours to execute. `attemptsOfMessage` counts this one. */
  | {readonly kind: 'claimed'; readonly started: LedgerEntry; readonly attemptsOfMessage: number}
  /** The ledger can't be reached, and executing twice would do no harm. */
  | {readonly kind: 'unrecorded'; readonly started: LedgerEntry; readonly reason: UnavailableError}
  | {readonly kind: 'finished'; readonly entry: LedgerEntry}
  /** Started by somebody, never finished, and not to be repeated. */
  | {readonly kind: 'unknown'; readonly entry: LedgerEntry; readonly attempts: number}

/** Rounds of reading and claiming before the message goes back: each lost round means that another one won. */
const maxRounds = 5
/** While another one's lease runs, the ledger is asked this often. */
const pollMilliseconds = 2000

/**
 * Asks the ledger about a run, and claims its next attempt.
 *
 * While somebody else's lease is live this waits for its end once, instead of handing the message back at once: a
 * crashed instance's run would otherwise use up its deliveries (5, with a backoff from 10 s) before the lease is over.
 *
 * @throws NotAcknowledgedError if the message should come back later.
 */
export async function claimRun(services: DeliveryServices, delivery: Delivery, stop: AbortSignal): Promise<Claim> {
  const {ledger, now} = services
  const {request, log} = delivery
  try {
    let waitedFor: Date | undefined
    for (let round = 1; round <= maxRounds; ) {
      stop.throwIfAborted()
      const history = await ledger.history(request.runId)
      const state = runStateOf(history, request, now())
      if (state.kind === 'finished') return {kind: 'finished', entry: state.entry}
      if (state.kind === 'abandoned' && !delivery.isIdempotent) {
        return {kind: 'unknown', entry: state.entry, attempts: attemptsOfMessage(history, request.messageId)}
      }
      if (state.kind === 'running') {
        waitedFor ??= state.leaseUntil
        if (now() >= waitedFor) throw new NotAcknowledgedError(`run ${request.runId} is being executed elsewhere`)
        log.info(`run ${request.runId} is being executed elsewhere, waiting until ${waitedFor.toISOString()}`)
        const rest = waitedFor.getTime() - now().getTime()
        await wait(Math.max(1, Math.min(pollMilliseconds, rest + 1)), stop)
        continue
      }
      const started = startedEntry(services, delivery, state.attempt)
      if (await ledger.claim(started)) {
        return {kind: 'claimed', started, attemptsOfMessage: 1 + attemptsOfMessage(history, request.messageId)}
      }
      log.info(`attempt ${state.attempt} was claimed elsewhere`)
      round += 1
    }
  } catch (error) {
    if (stop.aborted) throw new NotAcknowledgedError('the instance is being stopped', {cause: error})
    if (!(error instanceof UnavailableError)) throw error
    if (!delivery.isIdempotent) {
      throw new NotAcknowledgedError(`${error.message}; the job may not be repeated, so it waits for the ledger`, {
        cause: error,
      })
    }
    return {kind: 'unrecorded', started: startedEntry(services, delivery, 1), reason: error}
  }
  throw new NotAcknowledgedError(`lost ${maxRounds} claims of run ${request.runId}`)
}

function startedEntry(services: DeliveryServices, delivery: Delivery, attempt: number): LedgerEntry {
  const at = services.now()
  const leaseUntil = new Date(at.getTime() + services.environment.leaseSeconds * 1000)
  return services.redact(toEntry(services, delivery, {attempt, event: 'started', at, leaseUntil}))
}
