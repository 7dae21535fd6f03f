import type {IncomingMessage} from 'node:http'

/** One request as a stand-in sees it: read to its end, body not yet parsed. */
export type EmulatorRequest = {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What a stand-in answers; `body` is sent as JSON, absent means an empty body. */
export type EmulatorResponse = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}
