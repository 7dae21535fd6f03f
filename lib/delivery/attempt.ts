import {InterruptedError} from '../errors/interrupted-error.ts'
import {LostClaimError} from '../errors/lost-claim-error.ts'
import type {Job} from '../job/job.ts'
import type {JobContext} from '../job/job-context.ts'
import type {Counts, Outcome} from '../job/outcome.ts'
import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import type {RunLedger} from '../ledger/run-ledger.ts'
import {toMessageText, toText} from '../log/error-text.ts'
import type {Log} from '../log/log.ts'
import {startHeartbeat} from './heartbeat.ts'
import type {Lease} from './lease.ts'

/** The last seconds of a function's time, in which a run that has to stop hands over. */
const handOverSeconds = 30
/** Before those, as long as a call of the API may take: time to finish what is in flight, without anything new. */
const windDownSeconds = 60

/** How an attempt ended. */
export type AttemptResult =
  | {readonly kind: 'ended'; readonly outcome: Outcome}
  /** `run()` threw. */
  | {readonly kind: 'threw'; readonly error: Error}
  /** `run()` was never called. */
  | {readonly kind: 'not executed'; readonly reason: string}
  /** The claim on which it began became another one's. */
  | {readonly kind: 'lost claim'; readonly error: LostClaimError}

/** What an attempt holds in the ledger; absent where the ledger can't be reached. */
export type ClaimedAttempt = {
  /** The `started` entry, as claimed. */
  readonly started: LedgerEntry
  readonly lease: Lease
  readonly written: Promise<void>
}

export type AttemptOptions = {
  readonly job: Job
  readonly claimed: ClaimedAttempt | undefined
  readonly ledger: RunLedger
  readonly log: Log
  readonly now: () => Date
  readonly leaseSeconds: number
  readonly timeoutSeconds: number
  /** Fires when the instance is told to stop. */
  readonly stop: AbortSignal
  readonly createContext: (lease: {
    signal: AbortSignal
    windDown: AbortSignal
    deadline: Date
    fence: () => void
    progress: (counts: Counts) => void
    onRetry: (text: string | undefined) => void
  }) => JobContext<Record<string, unknown>>
}

/**
 * Executes `run()` once: with a signal that fires before the time is up, and with heartbeats in the ledger, so that no
 * other delivery treats the run as abandoned.
 */
export async function executeAttempt(options: AttemptOptions): Promise<AttemptResult> {
  const {job, now, timeoutSeconds, claimed, stop, log} = options
  // A time limit below the minute (tests, the sandbox) still leaves a tenth of it to hand over.
  const signalSeconds = timeoutSeconds - Math.min(handOverSeconds, timeoutSeconds / 10)
  const end = new AbortController()
  const timer = setTimeout(() => {
    end.abort(new InterruptedError(`the time was up after ${Math.round(signalSeconds)} s`))
  }, signalSeconds * 1000)
  const signal = AbortSignal.any([end.signal, stop])
  const enough = new AbortController()
  const windDownTimer = setTimeout(
    () => enough.abort(new InterruptedError('the time is nearly up')),
    (signalSeconds - Math.min(windDownSeconds, timeoutSeconds / 9)) * 1000,
  )
  const windDown = AbortSignal.any([enough.signal, signal])
  const deadline = new Date(now().getTime() + signalSeconds * 1000)

  let lost: LostClaimError | undefined
  const written = claimed?.written.catch(error => {
    if (error instanceof LostClaimError) {
      lost = error
      end.abort(new InterruptedError(error.message))
    } else {
      log.warn('the run ledger may not know of this attempt', {reason: toMessageText(error)})
    }
  })
  const onCancelled = () => enough.abort(new InterruptedError('the run was cancelled'))
  const heartbeat = startHeartbeat({...options, onCancelled})
  const fence = () => {
    if (claimed === undefined || claimed.lease.isLive()) return
    throw new InterruptedError("the attempt's lease is over, so it must do nothing more", {mayHaveExecuted: false})
  }
  try {
    const {progress, retry: onRetry} = heartbeat
    const context = options.createContext({signal, windDown, deadline, fence, progress, onRetry})
    if (stop.aborted) return {kind: 'not executed', reason: 'the instance is being stopped'}
    if (claimed !== undefined && !claimed.lease.isLive()) {
      return {kind: 'not executed', reason: 'the lease was over before the job could begin'}
    }
    const outcome = await job.run(context)
    return lost === undefined ? {kind: 'ended', outcome} : {kind: 'lost claim', error: lost}
  } catch (error) {
    // A failure ends its attempt, so it must be known whose attempt that is. A success ends the run either way.
    await written
    if (lost !== undefined) return {kind: 'lost claim', error: lost}
    return {
      kind: 'threw',
      error: error instanceof Error ? error : new Error(`the job threw a non-Error value: ${toText(error)}`),
    }
  } finally {
    clearTimeout(timer)
    clearTimeout(windDownTimer)
    await heartbeat.end()
  }
}
