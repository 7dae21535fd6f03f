import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {buffer} from 'node:stream/consumers'
import {type EmulatorRequest, type EmulatorResponse, splitCaller} from './exchange.ts'
import {createExchangeLog, type Exchange} from './exchange-log.ts'
import type {Fault, InjectedFaults} from './injected-faults.ts'
import {guardLoopback} from './loopback-guard.ts'

export type EmulatorServer = {
  /** Base URL without a final slash, always on loopback: `http://127.0.0.1:<port>`. */
  readonly url: string
  readonly port: number
  /** The newest requests, oldest first. */
  readonly exchanges: () => Exchange[]
  /** Stops listening and cuts what is still open. */
  readonly stop: () => Promise<void>
}

type Respond = (request: EmulatorRequest) => Promise<EmulatorResponse>

/**
 * Serves one emulator (admin API, BigQuery, Supabase) on loopback. All of them share this server, so that every
 * counterpart can be made to fail in the same ways, see {@link InjectedFaults}, and is guarded and logged alike.
 *
 * @param options.port 0 lets the system choose.
 * @param options.secret what clients authenticate with: it is kept out of the log.
 * @param options.respond a thrown error is answered with 500 and never ends the server.
 */
export async function startEmulatorServer(options: {
  readonly port?: number
  readonly faults: InjectedFaults
  readonly secret?: string
  readonly respond: Respond
}): Promise<EmulatorServer> {
  const {faults, respond} = options
  const log = createExchangeLog({secret: options.secret, now: () => new Date()})
  const server = createServer(
    guardLoopback((incoming, response) => {
      serve(incoming, response).catch(() => incoming.socket.destroy())
    }),
  )
  // Clients keep their connections; the default of 5 s would race a request against the close.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const {port} = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    exchanges: log.list,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => {
      if (!response.writableFinished) gone.abort()
    })
    const request = await readRequest(incoming, gone.signal)
    const startedAt = performance.now()
    const fault = faults.take(request)
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : undefined
      log.add(request, {
        status,
        fault: fault && (fault.name ?? fault.kind),
        milliseconds: Math.round(performance.now() - startedAt),
      })
    })
    await answer(request, response, {fault, respond})
  }
}

async function readRequest(incoming: IncomingMessage, signal: AbortSignal): Promise<EmulatorRequest> {
  const body = await buffer(incoming)
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  const {path, ...caller} = splitCaller(url.pathname)
  url.pathname = path
  return {method: incoming.method ?? 'GET', url, headers: incoming.headers, body: body.toString(), signal, ...caller}
}

async function answer(
  request: EmulatorRequest,
  response: ServerResponse,
  {fault, respond}: {readonly fault: Fault | undefined; readonly respond: Respond},
): Promise<void> {
  fault?.onMet?.(request)
  if (fault?.delayMilliseconds !== undefined) await delay(fault.delayMilliseconds, request.signal)
  // The client ends it, by going away; so does the server's stop.
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'reset-before') return void response.destroy()
  if (fault?.kind === 'status') return send(response, fault.response)

  const reply = await respond(request).catch((error: unknown) => ({
    status: 500,
    body: {detail: `the emulator failed: ${error instanceof Error ? error.message : String(error)}`},
  }))
  if (fault?.kind === 'reset-after') return void response.destroy()
  if (fault?.kind === 'body') return sendText(response, reply, fault.text)
  if (fault?.kind === 'truncate') return truncate(response, reply)
  send(response, reply)
}

function send(response: ServerResponse, reply: EmulatorResponse): void {
  sendText(response, reply, reply.body === undefined ? '' : JSON.stringify(reply.body))
}

function sendText(response: ServerResponse, reply: EmulatorResponse, text: string): void {
  response.writeHead(reply.status, {
    ...(text === '' ? {} : {'content-type': 'application/json'}),
    'content-length': Buffer.byteLength(text),
    ...reply.headers,
  })
  response.end(text)
}

/** Promises the whole body, sends half of it, and cuts the connection. */
function truncate(response: ServerResponse, reply: EmulatorResponse): void {
  const text = JSON.stringify(reply.body ?? {})
  response.writeHead(reply.status, {'content-type': 'application/json', 'content-length': Buffer.byteLength(text)})
  response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy())
}

/** Waits, but no longer than the client does: an emulator that is stopped has no timers left. */
function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, {once: true})
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
