import timers from 'node:timers/promises'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import type {Connection} from '../environment/connect.ts'
import {nextPause} from '../environment/pace.ts'
import {watchHistory} from '../environment/watch-history.ts'
import {type RunProgress, runProgressOf} from './run-progress.ts'

/**
 * Follows a run in the ledger until it is over.
 *
 * @param options.signal ends the wait (the time-out, or Ctrl-C): the run itself goes on.
 * @returns the end, or how far the run was when the wait ended.
 * @throws UnavailableError if the ledger can't be read and waiting won't change that (403, 404).
 */
export async function waitForRun(
  options: {
    readonly ledger: Pick<RunLedger, 'history'>
    readonly runId: string
    readonly publishedAt: Date
    readonly signal: AbortSignal
    readonly onProgress: (progress: RunProgress) => void
    /** Told when the ledger does not answer; the wait goes on. */
    readonly onTrouble: (error: UnavailableError) => void
  } & Pick<Connection, 'ledgerVersion' | 'pace'>,
): Promise<RunProgress> {
  const {runId, publishedAt, pace, signal} = options
  const readHistory = watchHistory(options, runId)
  let progress: RunProgress = {state: 'waiting'}
  let known = 0
  let newsAt = performance.now()
  while (!signal.aborted) {
    try {
      const history = await readHistory()
      progress = runProgressOf(history, publishedAt)
      if (progress.state === 'over') return progress
      if (history.length !== known) newsAt = performance.now()
      known = history.length
      options.onProgress(progress)
    } catch (error) {
      if (!(error instanceof UnavailableError) || error.status === 403 || error.status === 404) throw error
      options.onTrouble(error)
    }
    const pause = nextPause(pace, performance.now() - newsAt)
    await timers.setTimeout(pause, undefined, {signal}).catch(() => undefined)
  }
  return progress
}
