import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import type {EmulatorRequest, EmulatorResponse} from './exchange.ts'
import type {InjectedFaults} from './injected-faults.ts'
import {guardLoopback} from './loopback-guard.ts'

export type EmulatorServer = {
  /** Base URL without a final slash, always on loopback: `http://127.0.0.1:<port>`. */
  readonly url: string
  readonly port: number
  /** Stops listening and cuts what is still open. */
  readonly stop: () => Promise<void>
}

/**
 * Serves one stand-in (admin API, BigQuery, Supabase) on loopback. All of them share this server, so that every
 * counterpart can be made to fail in the same ways: see {@link InjectedFaults}.
 *
 * @param options.port 0 lets the system choose.
 * @param options.respond a thrown error is answered with 500 and never ends the server.
 */
export async function startEmulatorServer(options: {
  readonly port?: number
  readonly faults: InjectedFaults
  readonly respond: (request: EmulatorRequest) => Promise<EmulatorResponse>
}): Promise<EmulatorServer> {
  const server = createServer(
    guardLoopback((request, response) => {
      answer(request, response, options).catch(() => request.socket.destroy())
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
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  {faults, respond}: {faults: InjectedFaults; respond: (request: EmulatorRequest) => Promise<EmulatorResponse>},
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const asked = {method: request.method ?? 'GET', url, headers: request.headers, body: Buffer.concat(chunks).toString()}

  const fault = faults.take(asked.method, url.pathname)
  if (fault?.delayMilliseconds !== undefined) await delay(fault.delayMilliseconds, response)
  if (fault?.kind === 'reset-before') return void request.socket.destroy()
  if (fault?.kind === 'status') return send(response, fault.response)

  const reply = await respond(asked).catch((error: unknown) => ({
    status: 500,
    body: {detail: `stand-in failed: ${error instanceof Error ? error.message : String(error)}`},
  }))
  if (fault?.kind === 'reset-after') return void request.socket.destroy()
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

/** Waits, but no longer than the client does: a stand-in that is stopped has no timers left. */
function delay(milliseconds: number, response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(done, milliseconds)
    response.once('close', done)
    function done() {
      clearTimeout(timer)
      response.off('close', done)
      resolve()
    }
  })
}
