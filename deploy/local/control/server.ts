import {timingSafeEqual} from 'node:crypto'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'
import * as z from 'zod'
import {guardLoopback} from '../emulator/loopback-guard.ts'

export type ControlServer = {
  /** Without a final slash. */
  readonly url: string
  /** Resolves when no command uses the sandbox any more; at once if none does. */
  readonly unused: () => Promise<void>
  /** How many commands use it now. */
  readonly clients: () => number
  readonly stop: () => Promise<void>
}

/** What is asked, by method and path; what it returns is answered as JSON. */
export type ControlRoutes = Readonly<Record<string, (body: unknown) => unknown>>

/**
 * The sandbox's own API on loopback, for the commands and the console: everything needs the token.
 *
 * `GET /in-use` never ends: as long as a command holds it open it counts as a client, and it learns at once when the
 * sandbox is gone.
 *
 * @param options.onClient a command begins to use the sandbox, and wants messages to be delivered or doesn't.
 */
export async function startControlServer(options: {
  readonly token: string
  readonly routes: ControlRoutes
  readonly onClient: (client: {readonly wantsDelivery: boolean}) => void
}): Promise<ControlServer> {
  const clients = new Set<ServerResponse>()
  const waiting: (() => void)[] = []

  function hold(response: ServerResponse, wantsDelivery: boolean): void {
    clients.add(response)
    response.once('close', () => {
      clients.delete(response)
      if (clients.size === 0) for (const resolve of waiting.splice(0)) resolve()
    })
    options.onClient({wantsDelivery})
    response.writeHead(200, {'content-type': 'application/json'}).flushHeaders()
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const name = `${request.method} ${url.pathname}`
    if (!isAuthorized(request, options.token)) return send(response, 401, {error: 'the token is missing or wrong'})
    if (name === 'GET /in-use') return hold(response, url.searchParams.get('delivery') === 'true')
    const act = options.routes[name]
    if (act === undefined) return send(response, 404, {error: `the sandbox doesn't know ${name}`})
    const sent = await text(request)
    const body: unknown = sent === '' ? undefined : JSON.parse(sent)
    send(response, 200, (await act(body)) ?? {})
  }

  const server = createServer(
    guardLoopback((request, response) => {
      respond(request, response).catch((error: unknown) => {
        const isClients = error instanceof z.ZodError || error instanceof SyntaxError
        send(response, isClients ? 400 : 500, {error: error instanceof Error ? error.message : String(error)})
      })
    }),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clients: () => clients.size,
    unused: () => (clients.size === 0 ? Promise.resolve() : new Promise(resolve => waiting.push(resolve))),
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function isAuthorized({headers}: IncomingMessage, token: string): boolean {
  const [given, wanted] = [headers.authorization ?? '', `Bearer ${token}`].map(part => Buffer.from(part))
  return given !== undefined && wanted !== undefined && given.length === wanted.length && timingSafeEqual(given, wanted)
}

function send(response: ServerResponse, status: number, json: unknown): void {
  if (response.headersSent) return void response.destroy()
  const body = JSON.stringify(json)
  response.writeHead(status, {'content-type': 'application/json', 'content-length': Buffer.byteLength(body)}).end(body)
}
