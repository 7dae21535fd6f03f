import {setTimeout as sleep} from 'node:timers/promises'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {type Session, withSession} from '../environment/session.ts'
import {connectLogs, type RunLogs} from './log-lines.ts'
import {type LogsOptions, parseLogsOptions} from './logs-options.ts'
import {waitForRun} from './wait-for-run.ts'

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
  const count = await printLogs(session, await connectLogs(session), {runId, follow})
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

/** Prints what is new until the run is over. @returns how many lines. */
async function printLogs(
  session: Pick<Session, 'io' | 'ledger' | 'ledgerVersion' | 'signal' | 'pace'>,
  logs: RunLogs,
  {runId, follow}: Pick<LogsOptions, 'runId' | 'follow'>,
): Promise<number> {
  const {io, signal, pace} = session
  const printed = new Set<string>()
  let isOver = !follow
  const quiet = {onProgress: () => undefined, onTrouble: () => undefined}
  const waiting = follow ? waitForRun({...session, ...quiet, runId, publishedAt: new Date(0)}) : undefined
  waiting
    ?.catch(() => undefined)
    .finally(() => {
      isOver = true
    })
  for (;;) {
    // Looked at before the lines: what was written before the end is then among them.
    const isLast = isOver
    for (const {id, text} of await logs(runId)) {
      if (!printed.has(id)) io.stdout(text)
      printed.add(id)
    }
    if (isLast) {
      await waiting
      return printed.size
    }
    await sleep(Math.max(pace.nearMilliseconds, 1000), undefined, {signal}).catch(() => undefined)
    if (signal.aborted) return printed.size
  }
}
