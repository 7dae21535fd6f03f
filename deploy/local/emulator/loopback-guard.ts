import type {IncomingMessage, RequestListener, ServerResponse} from 'node:http'

/** Why a server on loopback refuses a request, with the status that it answers. */
export type LoopbackRefusal = {readonly status: 403 | 415; readonly reason: string}

const simpleTypes = new Set(['', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])

type GuardOptions = {
  /**
   * Whether bodies of every media type are let in: for a server whose own answer to garbage matters. The other checks
   * hold.
   *
   * @default false: only types for which a browser asks first, such as JSON
   */
  readonly acceptsAnyBody?: boolean
}

/**
 * Puts a guard in front of a server on loopback, so that no web page can use it through a browser on this
 * machine. The guard answers what it refuses; the listener never sees it.
 */
export function guardLoopback(listener: RequestListener, options: GuardOptions = {}): RequestListener {
  return (request, response) => {
    const refusal = findLoopbackRefusal(request, request.socket.localPort ?? 0, options)
    if (refusal === undefined) listener(request, response)
    else answerRefusal(response, refusal)
  }
}

/**
 * What a browser gives away when a page reaches for a server on loopback:
 *
 * - Host names the page's own host when its name was made to resolve to 127.0.0.1 (DNS rebinding), so it must be exactly
 *   this server's address, whatever the method.
 * - Origin comes with every request of a page but its plain GETs, so it must be absent or this server's own.
 * - Sec-Fetch-Site comes with all of them: https://www.w3.org/TR/fetch-metadata/. `same-site` is another port of this
 *   machine, and no friend either.
 * - A body without a preflight is a form, multipart or text, or has no type at all:
 *   https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 *
 * Clients that are no browsers (Google's, gcloud, ky) send none of these but Host.
 *
 * @returns undefined for a request that may pass.
 */
export function findLoopbackRefusal(
  {method = 'GET', url = '/', headers}: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  port: number,
  {acceptsAnyBody = false}: GuardOptions = {},
): LoopbackRefusal | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const {host = '', origin, 'sec-fetch-site': site} = headers
  if (!hosts.includes(host.toLowerCase())) return forbidden(`the Host header must be ${hosts.join(' or ')}`)
  // `GET http://elsewhere/ HTTP/1.1` is what a proxy is asked.
  if (!url.startsWith('/')) return forbidden('the request must name a path of this server')
  if (origin !== undefined && origin !== `http://${host.toLowerCase()}`) {
    return forbidden('web pages of other origins may not use this server')
  }
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return forbidden('the browser says that another site sent this request')
  }
  if (!acceptsAnyBody && needsNoPreflight(method, headers)) {
    return {status: 415, reason: 'send the body as JSON, with Content-Type: application/json'}
  }
  return undefined
}

function forbidden(reason: string): LoopbackRefusal {
  return {status: 403, reason}
}

/** A type without a body counts, too: an empty form is still a form. */
function needsNoPreflight(method: string, headers: IncomingMessage['headers']): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  const {'content-type': type, 'content-length': length = '0', 'transfer-encoding': encoding} = headers
  if (type === undefined) return encoding !== undefined || length !== '0'
  return simpleTypes.has(type.split(';')[0]?.trim().toLowerCase() ?? '')
}

/** In the form of Google's APIs, whose clients print the message. */
function answerRefusal(response: ServerResponse, {status, reason}: LoopbackRefusal): void {
  const message = `Refused: ${reason}.`
  const name = status === 403 ? 'PERMISSION_DENIED' : 'INVALID_ARGUMENT'
  const text = JSON.stringify({error: {code: status, message, status: name}})
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  })
  response.end(text)
}
