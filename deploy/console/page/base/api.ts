import type {Refusal} from './wire.ts'

/** What the server refused, in its words. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const storageKey = 'console-token'

/** The launch token: from the address's fragment once, and from this tab's own storage after that. */
export function takeToken(location: Location, storage: Storage): string {
  const given = new URLSearchParams(location.hash.slice(1))
  const token = given.get('token')
  if (token !== null) {
    storage.setItem(storageKey, token)
    history.replaceState(null, '', `#${given.get('open') ?? '/'}`)
  }
  return storage.getItem(storageKey) ?? ''
}

let token = ''

export function useToken(given: string): void {
  token = given
}

/** Asks the console's server. @throws RefusedError */
export async function ask<Answer>(path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(`/api${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {'x-console-token': token, ...(body === undefined ? {} : {'content-type': 'application/json'})},
    ...(body === undefined ? {} : {body: JSON.stringify(body)}),
    ...(signal === undefined ? {} : {signal}),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new RefusedError(0, 'the console does not answer: is its command still running?')
  })
  const answer: unknown = await response.json().catch(() => ({error: `the console answered ${response.status}`}))
  if (!response.ok) throw new RefusedError(response.status, (answer as Refusal).error)
  return answer as Answer
}
