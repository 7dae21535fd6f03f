import {currentVersion} from '../../lib/environment/version.ts'
import {loadCatalogue} from '../catalogue/catalogue.ts'
import {parseEnvironmentName} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {operatorName} from '../environment/operator-name.ts'
import {openSession} from '../environment/session.ts'
import {connectSchedules} from '../schedules/connect-schedules.ts'
import {startConsole} from './start-console.ts'

/** The console of the sandbox that this process keeps up: `npm run local` prints its address first. */
export async function serveConsoleBeside(
  io: CommandIo,
  signal: AbortSignal,
): Promise<{readonly url: string; readonly stop: () => Promise<void>}> {
  const environment = parseEnvironmentName('local', io.env)
  const jobs = await loadCatalogue()
  const session = await openSession(environment, {io, signal, jobs, readOnly: false, replacesSandbox: false})
  const schedules = connectSchedules({jobs, environment, io, signal})
  const server = await startConsole({
    session,
    schedules,
    port: 0,
    readOnly: false,
    version: currentVersion(),
    requestedBy: operatorName(),
  })
  return {
    url: server.url,
    async stop() {
      await server.stop()
      await session.close()
    },
  }
}
