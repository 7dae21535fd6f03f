import {type AdminApiEmulator, type AdminApiOptions, startAdminApi} from '../../../../deploy/local/admin-api/server.ts'

export const ROOT_KEY = 'root-key-of-the-tests-0123456789abcdef'

type Answer = {readonly status: number; readonly headers: Headers; readonly body: unknown}

type Asking = {
  readonly json?: unknown
  /** Sent as it is, in place of `json`. */
  readonly text?: string
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

/** A stand-in of its own for one test, asked over the wire. */
export type Api = AdminApiEmulator & {
  readonly get: (path: string, asking?: Asking) => Promise<Answer>
  readonly post: (path: string, json?: unknown, asking?: Asking) => Promise<Answer>
  readonly ask: (method: string, path: string, asking?: Asking) => Promise<Answer>
}

/** Starts stand-ins on demand; `stopAll` belongs into `afterEach`. Work takes no time unless the test says so. */
export function createApis() {
  const started: AdminApiEmulator[] = []
  return {
    async start(options: Partial<AdminApiOptions> = {}): Promise<Api> {
      const api = await startAdminApi({rootKey: ROOT_KEY, secondsPerOrganization: 0, ...options})
      started.push(api)
      const ask = (method: string, path: string, asking: Asking = {}) => request(`${api.url}${path}`, method, asking)
      return {
        ...api,
        ask,
        get: (path, asking) => ask('GET', path, asking),
        post: (path, json, asking) => ask('POST', path, {json, ...asking}),
      }
    },
    async stopAll(): Promise<void> {
      await Promise.all(started.splice(0).map(api => api.stop()))
    },
  }
}

/** Waits for a state that comes about by itself; mocha's time limit ends a wait in vain. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 2))
}

async function request(url: string, method: string, {json, text, headers, signal}: Asking): Promise<Answer> {
  const body = text ?? (json === undefined ? undefined : JSON.stringify(json))
  const response = await fetch(url, {
    method,
    headers: {'x-ca-root-key': ROOT_KEY, 'content-type': 'application/json', ...headers},
    ...(body === undefined ? {} : {body}),
    ...(signal === undefined ? {} : {signal}),
  })
  const answer = await response.text()
  return {status: response.status, headers: response.headers, body: answer === '' ? undefined : JSON.parse(answer)}
}
