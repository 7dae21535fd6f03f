import type {IncomingMessage} from 'node:http'

/** One request as an emulator sees it: read to its end, body not yet parsed. */
export type EmulatorRequest = {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Who sent it, where the address that the client was given says so: see `withCaller`. */
  readonly caller?: string
  /** Fires when the client has gone without its answer. */
  readonly signal: AbortSignal
}

/** What an emulator answers; `body` is sent as JSON, absent means an empty body. */
export type EmulatorResponse = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/**
 * An emulator's address for one caller, so that the emulator can tell whose request it is: nothing that a function sends
 * names the function.
 */
export function withCaller(url: string, caller: string): string {
  return `${url}/~${caller}`
}

/** Takes the caller out of a path that has one. */
export function splitCaller(path: string): {readonly path: string; readonly caller?: string} {
  const [, caller, rest] = /^\/~([a-z0-9-]+)(\/.*)$/.exec(path) ?? []
  return caller === undefined || rest === undefined ? {path} : {path: rest, caller}
}
