import {randomUUID} from 'node:crypto'
import timers from 'node:timers/promises'
import {LostClaimError} from '../errors/lost-claim-error.ts'
import {NotAcknowledgedError} from '../errors/not-acknowledged-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import {attemptsOfRequest, type RunState, runStateOf} from '../run/run-state.ts'
import {type Delivery, type DeliveryServices, toEntry} from './delivery.ts'
import {giveUp, type OpenClaims} from './give-up.ts'
import {beginLease, type Lease} from './lease.ts'

export type Claim =
  /** Ours to execute. `attemptsOfMessage` counts this one. */
  | {
      readonly kind: 'claimed'
      readonly started: LedgerEntry
      readonly lease: Lease
      readonly attemptsOfMessage: number
      /** Resolves when the claim can be read in the ledger; a run that isn't idempotent has waited for it. */
      readonly written: Promise<void>
    }
  /** The ledger can't be reached, and executing twice would do no harm. */
  | {readonly kind: 'unrecorded'; readonly started: LedgerEntry; readonly reason: UnavailableError}
  | {readonly kind: 'finished'; readonly entry: LedgerEntry}
  /** Started by somebody, never finished, and not to be repeated. */
  | {
      readonly kind: 'unknown'
      readonly entry: LedgerEntry | undefined
      readonly unknownAttempt: number
      readonly attempts: number
    }

/** Rounds of reading and claiming before the message goes back: each lost round means that another one won. */
const maxRounds = 5
/** While another one's lease runs, the ledger is asked this often. */
const pollMilliseconds = 2000

/** Of every subscription. */
const minBackoffMilliseconds = 10_000

/** An attempt that another one holds, of which the ledger may have no row yet. */
type Taken = {readonly attempt: number; readonly at: Date}

/**
 * Claims a run's next attempt. A first delivery claims attempt 1 at once: the winner needs no history, since
 * whatever decided the run before has that claim. Any other delivery, and any loser, asks the ledger first.
 *
 * While somebody else's lease is live this waits for its end once, instead of handing the message back at once: a
 * crashed instance's run would otherwise use up its deliveries (5, with a backoff from 10 s) before the lease is over.
 *
 * @throws NotAcknowledgedError if the message should come back later.
 */
export async function claimRun(
  services: DeliveryServices,
  delivery: Delivery,
  {stop, openClaims}: {readonly stop: AbortSignal; readonly openClaims: OpenClaims},
): Promise<Claim> {
  const {ledger, now} = services
  const {request, log, isIdempotent} = delivery
  try {
    await openClaims.get(request.runId)?.()
    openClaims.delete(request.runId)
    let history: readonly LedgerEntry[] = []
    let taken: Taken | undefined
    let waitedFor: Date | undefined
    for (let round = 1; round <= maxRounds; ) {
      stop.throwIfAborted()
      let attempt = 1
      if (taken !== undefined || !isFirstDelivery(services, delivery)) {
        history = await ledger.history(request.runId)
        const state = stateOf(services, delivery, history, taken)
        if (state.kind === 'finished') return state
        if (state.kind === 'abandoned' && !isIdempotent) {
          return {...state, kind: 'unknown', attempts: attemptsOfRequest(history, request)}
        }
        if (state.kind === 'running') {
          waitedFor ??= state.leaseUntil
          if (now() >= waitedFor) throw new NotAcknowledgedError(`run ${request.runId} is being executed elsewhere`)
          log.info(`run ${request.runId} is being executed elsewhere, waiting until ${waitedFor.toISOString()}`)
          const rest = waitedFor.getTime() - now().getTime()
          await timers.setTimeout(Math.max(1, Math.min(pollMilliseconds, rest + 1)), undefined, {signal: stop})
          continue
        }
        waitForPartBefore(delivery, history)
        attempt = state.attempt
      }
      const claim = await tryClaim(services, delivery, {attempt, openClaims})
      if (claim.kind === 'claimed') {
        return {...claim, attemptsOfMessage: 1 + attemptsOfRequest(history, request)}
      }
      log.info(`attempt ${attempt} was claimed elsewhere`)
      taken = {attempt, at: claim.at}
      round += 1
    }
  } catch (error) {
    if (stop.aborted) throw new NotAcknowledgedError('the instance is being stopped', {cause: error})
    if (!(error instanceof UnavailableError)) throw error
    if (!isIdempotent) {
      throw new NotAcknowledgedError(`${error.message}; the job may not be repeated, so it waits for the ledger`, {
        cause: error,
      })
    }
    // Without a number: the ledger gives it one when it learns of it.
    const started = services.redact(toEntry(services, delivery, {attempt: 0, event: 'started', at: now()}))
    return {kind: 'unrecorded', started, reason: error}
  }
  throw new NotAcknowledgedError(`lost ${maxRounds} claims of run ${request.runId}`)
}

/**
 * Whether nothing can have happened to the run that this message would have to know. One that is older than Pub/Sub's
 * shortest backoff (10 s) has most likely been delivered before: reading first spares it a claim that it would lose.
 */
function isFirstDelivery({now}: DeliveryServices, {message, request}: Delivery): boolean {
  const {part, trigger, checkedAttempt, endedAttempt, isReplayByHand} = request
  if (now().getTime() - message.publishTime.getTime() > minBackoffMilliseconds) return false
  return part === 1 && trigger !== 'replay' && !isReplayByHand && checkedAttempt === 0 && endedAttempt === 0
}

/** A claim whose row isn't there yet is a live lease that counts from when BigQuery took the claim. */
function stateOf(
  {environment, now}: DeliveryServices,
  {request}: Delivery,
  history: readonly LedgerEntry[],
  taken: Taken | undefined,
): RunState {
  const state = runStateOf(history, request, now())
  if (taken === undefined || history.some(({attempt}) => attempt === taken.attempt)) return state
  if (state.kind === 'finished' || state.kind === 'running') return state
  const leaseUntil = new Date(taken.at.getTime() + environment.leaseSeconds * 1000)
  if (leaseUntil > now()) return {kind: 'running', leaseUntil}
  // Its holder will not begin any more: it looks at its lease when the row is there, and that is over.
  return {...state, attempt: Math.max(state.attempt, taken.attempt + 1)}
}

/**
 * The next part of a run that isn't idempotent begins when the part before it has ended well: until that is known, the
 * message comes back.
 */
function waitForPartBefore({request, isIdempotent}: Delivery, history: readonly LedgerEntry[]): void {
  const before = request.part - 1
  if (isIdempotent || before === 0) return
  if (history.some(({part, event}) => part === before && event === 'continued')) return
  throw new NotAcknowledgedError(
    `part ${before} of run ${request.runId} isn't known to have ended: this part waits for it`,
  )
}

async function tryClaim(
  services: DeliveryServices,
  delivery: Delivery,
  {attempt, openClaims}: {attempt: number; openClaims: OpenClaims},
) {
  const {ledger, environment, redact} = services
  const lease = beginLease(services, environment.leaseSeconds)
  const at = lease.from
  const started = redact(toEntry(services, delivery, {attempt, event: 'started', at, leaseUntil: lease.until}))
  const writer = randomUUID()
  try {
    const claim = await ledger.claim(started, writer)
    if (claim.kind === 'taken') return claim
    // One that may not be repeated begins only when everybody can see that it does.
    if (!delivery.isIdempotent) await claim.written
    return {...claim, started, lease}
  } catch (error) {
    if (error instanceof LostClaimError) return {kind: 'taken' as const, at}
    if (error instanceof UnavailableError && error.mayHaveExecuted && !delivery.isIdempotent) {
      await giveUp(services, delivery, {started, writer, openClaims, reason: error.message})
    }
    throw error
  }
}
