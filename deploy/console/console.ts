import {currentVersion} from '../../lib/environment/version.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {operatorName} from '../environment/operator-name.ts'
import {type Session, withSession} from '../environment/session.ts'
import {connectSchedules} from '../schedules/connect-schedules.ts'
import {type ConsoleOptions, parseConsoleOptions} from './console-options.ts'
import {startConsole} from './start-console.ts'

/** `npm run console`: serves the page until Ctrl-C. */
export function runConsole(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  return withSession(
    argv,
    {io, signal},
    // It goes on for hours: who ends `npm run local` must be able to start it again.
    {parse: parseConsoleOptions, readOnly: ({readOnly}) => readOnly, replacesSandbox: false, act: serve},
  )
}

async function serve(session: Session, {port, readOnly, open}: ConsoleOptions): Promise<ExitCode> {
  const {io, environment, jobs, signal} = session
  const schedules = connectSchedules({jobs, environment, io, signal})
  const console = await startConsole({
    session,
    schedules,
    port,
    readOnly,
    version: currentVersion(),
    requestedBy: operatorName(),
  })
  io.stdout(`${console.url}&open=${encodeURIComponent(open)}`)
  io.stderr(
    `The console of ${environment.name} (${environment.projectId}) is served until Ctrl-C${readOnly ? ', read-only' : ''}.`,
  )
  await new Promise(resolve => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', resolve, {once: true})
  })
  await console.stop()
  return exitCodes.done
}
