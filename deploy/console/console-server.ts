import {randomBytes, timingSafeEqual} from 'node:crypto'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintable} from '../../lib/log/printable.ts'
import {UsageError} from '../cli/usage-error.ts'
import {guardLoopback} from '../local/emulator/loopback-guard.ts'
import {ActionError} from './action-error.ts'
import type {ApiRequest} from './api.ts'
import type {Asset} from './page-assets.ts'

export type ConsoleServer = {
  /** With the launch token in its fragment, which no request carries. */
  readonly url: string
  readonly port: number
  readonly stop: () => Promise<void>
}

/** A request's body: a replay of thousands of dead letters names each. */
const maxBodyBytes = 2_000_000

// Nothing is loaded from elsewhere, nothing is framed, and no text becomes markup.
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

/**
 * Serves the console on loopback. What is static needs no token; everything below `/api` bears the launch token in a
 * header: cookies ignore ports, so every other server on this machine would get one.
 *
 * @param options.port 0 lets the system choose.
 */
export async function startConsoleServer(options: {
  readonly port: number
  readonly answer: (request: ApiRequest) => Promise<unknown>
  readonly loadPage: () => Promise<ReadonlyMap<string, Asset>>
}): Promise<ConsoleServer> {
  const token = randomBytes(32).toString('base64url')
  let page: ReturnType<typeof options.loadPage> | undefined
  const server = createServer(
    guardLoopback((request, response) => {
      respond(request, response).catch((error: unknown) => {
        sendJson(response, statusOf(error), {error: toPrintable(toMessageText(error), 4000)})
      })
    }),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const {port} = server.address() as AddressInfo

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Actions come from this server's own page alone; the browser says where a request comes from.
    if (request.method !== 'GET' && request.method !== 'HEAD' && request.headers['sec-fetch-site'] !== 'same-origin') {
      throw new ActionError(403, "actions come from the console's own page: use the commands elsewhere")
    }
    const {pathname, searchParams} = new URL(request.url ?? '/', `http://127.0.0.1:${port}`)
    if (pathname.startsWith('/api/')) {
      if (!isToken(request.headers['x-console-token'], token)) {
        throw new ActionError(
          401,
          'the token is missing or of an earlier start: open the address that the console printed',
        )
      }
      const body = request.method === 'POST' ? parseBody(await readBody(request)) : undefined
      const answer = await options.answer({
        method: request.method ?? 'GET',
        path: pathname.slice(4),
        query: searchParams,
        body,
      })
      return sendJson(response, 200, answer)
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new ActionError(405, 'only GET is answered here')
    page ??= options.loadPage()
    const asset = (await page).get(pathname)
    if (asset === undefined) throw new ActionError(404, 'the console has no such file')
    response.writeHead(200, {...securityHeaders, 'content-type': asset.type, 'content-length': asset.body.length})
    response.end(request.method === 'HEAD' ? undefined : asset.body)
  }

  return {
    url: `http://127.0.0.1:${port}/#token=${token}`,
    port,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function isToken(given: string | string[] | undefined, token: string): boolean {
  const [a, b] = [Buffer.from(typeof given === 'string' ? given : ''), Buffer.from(token)]
  return a.length === b.length && timingSafeEqual(a, b)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > maxBodyBytes) throw new ActionError(413, `a request may have ${maxBodyBytes} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString()
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ActionError(400, 'the body is not JSON')
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent) return void response.destroy()
  const body = Buffer.from(JSON.stringify(value ?? null))
  response.writeHead(status, {
    ...securityHeaders,
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  })
  response.end(body)
}

function statusOf(error: unknown): number {
  if (error instanceof ActionError) return error.status
  if (error instanceof UsageError || error instanceof ConfigurationError) return 400
  return error instanceof UnavailableError ? 503 : 500
}
