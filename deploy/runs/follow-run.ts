import type {Job} from '../../lib/job/job.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {createLiveLine} from '../cli/live-line.ts'
import type {Connection} from '../environment/connect.ts'
import {describeProgress, progressState} from './describe-progress.ts'
import {retrySpacingOf} from './retry-delay.ts'
import type {RunProgress} from './run-progress.ts'
import {waitForRun} from './wait-for-run.ts'

/** A timer's range ends below a month. */
const maxWaitSeconds = 86_400

/**
 * Follows a run in the ledger until it is over, with a live line on standard error.
 *
 * @param options.since entries up to this moment are of before.
 * @param options.timeoutSeconds the longest wait, at most a day.
 * @param options.signal ends the wait; the run goes on.
 */
export async function followRun(
  options: {
    readonly ledger: Pick<RunLedger, 'history' | 'historyOfDay'>
    readonly runId: string
    readonly since: Date
    readonly timeoutSeconds: number
    readonly signal: AbortSignal
    readonly isQuiet: boolean
    readonly job?: Pick<Job, 'maxAttempts'> | undefined
    readonly environment?: Pick<TargetEnvironment, 'name'>
  } & Pick<Connection, 'ledgerVersion' | 'pace'>,
  stderr: Parameters<typeof createLiveLine>[0],
): Promise<RunProgress> {
  const live = createLiveLine(stderr)
  const timeout = AbortSignal.timeout(Math.ceil(Math.min(options.timeoutSeconds, maxWaitSeconds) * 1000))
  const start = performance.now()
  let progress: RunProgress = {state: 'waiting'}
  const view = {
    maxAttempts: options.job?.maxAttempts,
    spacing: retrySpacingOf(options.environment?.name ?? 'prod'),
  }
  const show = (text?: string) => {
    if (options.isQuiet) return
    const seconds = (performance.now() - start) / 1000
    if (text !== undefined) live.show(text, 'trouble')
    else live.show(describeProgress(progress, {...view, seconds, now: new Date()}), progressState(progress, seconds))
  }
  const ticker = setInterval(() => show(), 1000)
  try {
    return await waitForRun({
      ...options,
      publishedAt: options.since,
      signal: AbortSignal.any([options.signal, timeout]),
      onProgress(now) {
        progress = now
        show()
      },
      onTrouble: error => show(`the run ledger doesn't answer, still trying: ${error.message}`),
    })
  } finally {
    clearInterval(ticker)
    live.clear()
  }
}
