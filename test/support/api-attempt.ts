import {type AdminApiEmulator, type AdminApiOptions, startAdminApi} from '../../deploy/local/admin-api/server.ts'
import {type AdminApi, createAdminApi} from '../../lib/admin-api/admin-api.ts'
import {createRecordingLog} from './recording-log.ts'

const rootKey = 'root-key-of-the-tests-0123456789abcdef'

type ApiAttempt = {
  readonly api: AdminApi
  readonly lines: string[]
  readonly emulator: AdminApiEmulator
  /** Tells the instance to stop. */
  readonly abort: () => void
}

/**
 * Real clients as one attempt of a job gets them, over the wire to stand-ins of their own. Retries come as soon as their
 * spacing allows; `stopAll` belongs into `afterEach`.
 */
export function createApiAttempts() {
  const started: AdminApiEmulator[] = []
  return {
    /** @param given.seconds until the attempt's deadline; its signal does not fire by itself. */
    async start(
      given: Partial<AdminApiOptions> & {seconds?: number; baseUrl?: string; key?: string} = {},
    ): Promise<ApiAttempt> {
      const {seconds = 60, baseUrl, key = rootKey, ...options} = given
      const emulator = await startAdminApi({rootKey, secondsPerOrganization: 0, ...options})
      started.push(emulator)
      const {log, lines} = createRecordingLog()
      const stop = new AbortController()
      let requests = 0
      const api = createAdminApi({
        baseUrl: baseUrl ?? emulator.url,
        rootKey: key,
        log,
        signal: stop.signal,
        deadline: new Date(Date.now() + seconds * 1000),
        now: () => new Date(),
        random: () => 0,
        newRequestId: () => `r-${++requests}`,
      })
      return {api, lines, emulator, abort: () => stop.abort()}
    },
    async stopAll(): Promise<void> {
      await Promise.all(started.splice(0).map(emulator => emulator.stop()))
    },
  }
}
