import {InterruptedError} from '../errors/interrupted-error.ts'
import type {Job} from '../job/job.ts'
import type {JobContext} from '../job/job-context.ts'
import type {Counts, Outcome} from '../job/outcome.ts'
import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import type {RunLedger} from '../ledger/run-ledger.ts'
import {toText} from '../log/error-text.ts'
import type {Log} from '../log/log.ts'

/** The last seconds of a function's time, in which a run that was told to stop hands over. */
const handOverSeconds = 30
/** Before those, as long as a call of the API may take: time to bring to an end what is in flight, without anything new. */
const windDownSeconds = 60
/** Progress goes to the ledger at most this often. */
const progressSeconds = 5

/** How an attempt ended: with an outcome, or with whatever `run()` threw. */
export type AttemptResult =
  | {readonly outcome: Outcome; readonly error?: never}
  | {readonly outcome?: never; readonly error: Error}

export type AttemptOptions = {
  readonly job: Job
  /** The `started` entry, as claimed. */
  readonly started: LedgerEntry
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
    progress: (counts: Counts) => void
  }) => JobContext<Record<string, unknown>>
}

/**
 * Executes `run()` once: with a signal that fires before the time is up, and with signs of life in the ledger, so that
 * nobody else takes the run for abandoned.
 */
export async function executeAttempt(options: AttemptOptions): Promise<AttemptResult> {
  const {job, now, timeoutSeconds} = options
  // A time limit below the minute (tests, the sandbox) still leaves a tenth of it to hand over.
  const signalSeconds = timeoutSeconds - Math.min(handOverSeconds, timeoutSeconds / 10)
  const timeUp = new AbortController()
  const timer = setTimeout(() => {
    timeUp.abort(new InterruptedError(`the time was up after ${Math.round(signalSeconds)} s`))
  }, signalSeconds * 1000)
  const signal = AbortSignal.any([timeUp.signal, options.stop])
  const enough = new AbortController()
  const windDownTimer = setTimeout(
    () => enough.abort(new InterruptedError('the time is nearly up')),
    (signalSeconds - Math.min(windDownSeconds, timeoutSeconds / 9)) * 1000,
  )
  const windDown = AbortSignal.any([enough.signal, signal])
  const deadline = new Date(now().getTime() + signalSeconds * 1000)
  const lease = startHeartbeat(options)
  try {
    const outcome = await job.run(options.createContext({signal, windDown, deadline, progress: lease.progress}))
    return {outcome}
  } catch (error) {
    return {
      error: error instanceof Error ? error : new Error(`the job threw something that is no error: ${toText(error)}`),
    }
  } finally {
    clearTimeout(timer)
    clearTimeout(windDownTimer)
    await lease.end()
  }
}

/** Extends the lease three times within its length, or sooner when the job tells how far it is. */
function startHeartbeat({started, ledger, log, now, leaseSeconds}: AttemptOptions) {
  let counts: Counts | undefined
  let lastAt = now().getTime()
  let told = false
  let writing = Promise.resolve()

  const write = () => {
    const at = now()
    lastAt = at.getTime()
    told = false
    const entry: LedgerEntry = {
      ...started,
      event: 'progress',
      // Those of `started` hold. A continued run's may be long, and this is written every few seconds.
      args: {},
      at,
      leaseUntil: new Date(at.getTime() + leaseSeconds * 1000),
      ...(counts === undefined ? {} : {counts}),
    }
    // One write at a time; what fails is tried again with the next sign of life.
    writing = writing
      .then(() => ledger.record(entry))
      .catch(error => log.warn('no sign of life written to the run ledger', {reason: String(error)}))
  }
  const beat = Math.min(progressSeconds * 1000, (leaseSeconds * 1000) / 3)
  const timer = setInterval(() => {
    const isDue = now().getTime() - lastAt >= (leaseSeconds * 1000) / 3 - beat / 2
    if (told || isDue) write()
  }, beat)
  return {
    progress(latest: Counts) {
      counts = latest
      told = true
    },
    async end() {
      clearInterval(timer)
      await writing
    },
  }
}
