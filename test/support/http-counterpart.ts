import * as z from 'zod'
import {type EmulatorServer, startEmulatorServer} from '../../deploy/local/emulator/emulator-server.ts'
import type {EmulatorRequest, EmulatorResponse} from '../../deploy/local/emulator/exchange.ts'
import {createInjectedFaults, type InjectedFaults} from '../../deploy/local/emulator/injected-faults.ts'
import {createToApiError} from '../../lib/admin-api/api-refusal.ts'
import {
  createHttpService,
  type HttpOperation,
  type HttpService,
  type HttpServiceOptions,
} from '../../lib/http/http-service.ts'
import {createRecordingLog, type LogRecord} from './recording-log.ts'

const answerSchema = z.object({value: z.number()})

export type HttpCounterpart = {
  readonly call: HttpService
  readonly faults: InjectedFaults
  /** What arrived, in order. */
  readonly requests: EmulatorRequest[]
  readonly records: LogRecord[]
  readonly stop: AbortController
}

/** An operation that may be repeated. */
export function createOperation(
  given: Partial<HttpOperation<typeof answerSchema>> = {},
): HttpOperation<typeof answerSchema> {
  return {
    name: 'reading',
    method: 'GET',
    path: '/thing',
    timeoutSeconds: 5,
    isIdempotent: true,
    answer: answerSchema,
    ...given,
  }
}

/** The real client over the wire to a server of its own, which answers `{"value": 7}`; `stopAll` belongs into `afterEach`. */
export function createHttpCounterparts() {
  const servers: EmulatorServer[] = []
  return {
    async start(
      given: Partial<HttpServiceOptions> & {respond?: (request: EmulatorRequest) => EmulatorResponse} = {},
    ): Promise<HttpCounterpart> {
      const {respond = () => ({status: 200, body: {value: 7}}), ...options} = given
      const faults = createInjectedFaults()
      const requests: EmulatorRequest[] = []
      const server = await startEmulatorServer({
        faults: {
          ...faults,
          take(request) {
            requests.push(request)
            return faults.take(request)
          },
        },
        respond: async request => respond(request),
      })
      servers.push(server)
      const {log, records} = createRecordingLog()
      const stop = new AbortController()
      let ids = 0
      const call = createHttpService({
        name: 'the API',
        baseUrl: server.url,
        headers: {'x-key': 'the-key'},
        log,
        signal: stop.signal,
        deadline: new Date(Date.now() + 60_000),
        now: () => new Date(),
        random: () => 0,
        newRequestId: () => `r-${++ids}`,
        backoff: {retries: 3, firstDelaySeconds: 0.002, maxDelaySeconds: 0.01},
        toError: createToApiError(() => new Date()),
        ...options,
      })
      return {call, faults, requests, records, stop}
    },
    async stopAll(): Promise<void> {
      await Promise.all(servers.splice(0).map(server => server.stop()))
    },
  }
}
