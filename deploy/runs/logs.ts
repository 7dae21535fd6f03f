import {setTimeout as sleep} from 'node:timers/promises'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {type Session, withSession} from '../environment/session.ts'
import {connectLogs, maxLogLines, type RunLogs} from './log-lines.ts'
import {type LogsOptions, parseLogsOptions} from './logs-options.ts'
import {waitForRun} from './wait-for-run.ts'

/** Cloud Logging lists a line up to about this long after it was written, and not in the order of their times. */
const overlapMilliseconds = 60_000

/** `npm run logs`: what a run's functions wrote. */
export function runLogs(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  return withSession(
    argv,
    {io, signal},
    // A run that is waited for must be delivered.
    {parse: parseLogsOptions, readOnly: ({follow}) => !follow, act: show},
  )
}

async function show(session: Session, {runId, follow}: LogsOptions): Promise<ExitCode> {
  const {io, environment, signal} = session
  const history = await session.ledger.history(runId)
  if (history.length === 0) io.stderr(`The run ledger of ${environment.name} has nothing of ${runId} yet.`)
  const count = await printLogs(session, await connectLogs(session), {
    runId,
    follow,
    // In the cloud each look starts gcloud, and the looks after the end are to last longer than a line takes.
    pauseMilliseconds: environment.name === 'local' ? Math.max(session.pace.nearMilliseconds, 1000) : 3000,
  })
  if (signal.aborted) return exitCodes.interrupted
  if (count > 0) return exitCodes.done
  io.stderr(`No log lines of ${runId}. ${whereToLook(session, runId)}`)
  return exitCodes.failed
}

/** What is said where no line was found. */
export function whereToLook(
  {environment, logFile, logHint}: Pick<Session, 'environment' | 'logFile' | 'logHint'>,
  runId: string,
): string {
  if (environment.name !== 'local') return `In the Logs Explorer: ${logHint(runId)}`
  if (logFile === undefined) return 'This sandbox keeps none: it has no folder.'
  return `The sandbox keeps the latest lines of all runs in ${logFile}.`
}

/** Cloud Logging is asked this often again after a run's end, for the lines that it lists late. */
const looksAfterEnd = 5

/** Prints what is new until the run is over. @returns how many lines. */
export async function printLogs(
  session: Pick<Session, 'io' | 'environment' | 'logFile' | 'logHint' | 'ledger' | 'ledgerVersion' | 'signal' | 'pace'>,
  logs: RunLogs,
  {runId, follow, pauseMilliseconds}: Pick<LogsOptions, 'runId' | 'follow'> & {readonly pauseMilliseconds: number},
): Promise<number> {
  const {io, environment} = session
  const ended = new AbortController()
  const signal = AbortSignal.any([session.signal, ended.signal])
  const printed = new Set<string>()
  let latest: Date | undefined
  let isOver = !follow
  const quiet = {onProgress: () => undefined, onTrouble: () => undefined}
  const waiting = follow ? waitForRun({...session, ...quiet, signal, runId, publishedAt: new Date(0)}) : undefined
  waiting
    ?.catch(() => undefined)
    .finally(() => {
      isOver = true
    })
  let looksLeft = follow && environment.name !== 'local' ? looksAfterEnd : 0
  try {
    for (;;) {
      // Read before the lines: what was written before the end is then among them.
      const isLast = isOver
      const since = latest === undefined ? undefined : new Date(latest.getTime() - overlapMilliseconds)
      const lines = await logs(runId, since)
      if (printed.size === 0 && lines.length >= maxLogLines && environment.name !== 'local') {
        io.stderr(`Only the latest ${maxLogLines} lines. ${whereToLook(session, runId)}`)
      }
      for (const {id, text, at = latest} of lines) {
        if (!printed.has(id)) io.stdout(text)
        printed.add(id)
        if (latest === undefined || (at !== undefined && at > latest)) latest = at
      }
      if (isLast && looksLeft === 0) {
        await waiting
        return printed.size
      }
      if (isLast) looksLeft -= 1
      await sleep(pauseMilliseconds, undefined, {signal}).catch(() => undefined)
      if (signal.aborted) return printed.size
    }
  } finally {
    // Where the lines can't be had, the run is waited for no longer.
    ended.abort()
  }
}
