import timers from 'node:timers/promises'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import type {Connection} from '../environment/connect.ts'
import {nextPause} from '../environment/pace.ts'
import {createHistoryReader} from './history-reader.ts'
import {type RunProgress, runProgressOf} from './run-progress.ts'

/** The ledger is asked at least this often, whatever its version says. */
const maxAgeMilliseconds = 15_000
/** A query takes a second or more, and what changes during it isn't in its answer: the next one doesn't wait for it. */
const maxQueries = 3

export type WaitOptions = {
  readonly ledger: Pick<RunLedger, 'history' | 'historyOfDay'>
  readonly runId: string
  readonly publishedAt: Date
  readonly signal: AbortSignal
  readonly onProgress: (progress: RunProgress) => void
  /** Told when the ledger does not answer; the wait goes on. */
  readonly onTrouble: (error: UnavailableError) => void
} & Pick<Connection, 'ledgerVersion' | 'pace'>

/**
 * Follows a run in the ledger until it is over. The ledger is asked for rows only when it has changed, and after the first
 * query for those of the day: a query takes a second and bills 10 MB, a list of a day's rows and the version cost nothing.
 *
 * @param options.signal ends the wait (the time-out, or Ctrl-C): the run itself goes on.
 * @returns the end, or how far the run was when the wait ended.
 * @throws UnavailableError if the ledger can't be read and waiting won't change that (403, 404).
 */
export async function waitForRun(options: WaitOptions): Promise<RunProgress> {
  const {ledgerVersion, pace, signal} = options
  const asked = askLedger(options)
  let version: string | undefined
  let queriedAt = Number.NEGATIVE_INFINITY
  while (!signal.aborted && !asked.isOver()) {
    const at = performance.now()
    // Asked before the rows: what changes between the two is seen the next time.
    const latest = await ledgerVersion().catch(() => undefined)
    const isDue =
      latest === undefined
        ? asked.running() === 0
        : latest !== version || asked.hasFailed() || at - queriedAt >= maxAgeMilliseconds
    if (isDue && asked.running() < maxQueries) {
      version = latest
      queriedAt = at
      asked.query()
    }
    const pause = timers.setTimeout(nextPause(pace, performance.now() - asked.newsAt()), undefined, {signal})
    await Promise.race([pause.catch(() => undefined), asked.over])
  }
  return asked.progress()
}

/** Queries that may overlap; of their answers, only the newest counts. */
function askLedger({ledger, runId, publishedAt, signal, onProgress, onTrouble}: WaitOptions) {
  const readHistory = createHistoryReader(ledger, runId)
  let progress: RunProgress = {state: 'waiting'}
  let isOver = false
  let hasFailed = false
  let running = 0
  let [sent, answered, known] = [0, 0, 0]
  let newsAt = performance.now()
  const over = Promise.withResolvers<void>()
  // It is raced each time, and nothing may be raced any more when it fails.
  over.promise.catch(() => undefined)

  function take(history: readonly LedgerEntry[]): void {
    progress = runProgressOf(history, publishedAt)
    if (history.length !== known) newsAt = performance.now()
    known = history.length
    isOver = progress.state === 'over'
    if (isOver) over.resolve()
    else onProgress(progress)
  }

  async function query(): Promise<void> {
    sent += 1
    running += 1
    const order = sent
    hasFailed = false
    try {
      const history = await readHistory()
      if (order < answered || isOver || signal.aborted) return
      answered = order
      take(history)
    } catch (error) {
      hasFailed = true
      // The wait has ended.
      if (signal.aborted) return
      if (!(error instanceof UnavailableError) || error.status === 403 || error.status === 404) over.reject(error)
      else if (!isOver) onTrouble(error)
    } finally {
      running -= 1
    }
  }

  return {
    query: () => void query(),
    over: over.promise,
    isOver: () => isOver,
    hasFailed: () => hasFailed,
    running: () => running,
    newsAt: () => newsAt,
    progress: () => progress,
  }
}
