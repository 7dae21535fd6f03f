import {subscribe, unsubscribe} from 'node:diagnostics_channel'
import {type IncomingHttpHeaders, IncomingMessage, ServerResponse} from 'node:http'

/** Published by Node for every request to any of its HTTP servers, before the server's own listener runs. */
const REQUEST_STARTED = 'http.server.request.start'

export type ClientPresence = {
  /** Whether the client of the request with these headers has closed its connection. */
  readonly isGone: (headers: IncomingHttpHeaders) => boolean
  readonly stop: () => void
}

/**
 * Knows whether a client still waits for its answer. A stand-in is given a request's contents only, not its connection;
 * the headers object is the same one, though, and leads back to the response that Node announced with it.
 */
export function watchClients(): ClientPresence {
  const responses = new WeakMap<IncomingHttpHeaders, ServerResponse>()
  subscribe(REQUEST_STARTED, onRequest)
  return {
    isGone: headers => responses.get(headers)?.destroyed ?? false,
    stop: () => void unsubscribe(REQUEST_STARTED, onRequest),
  }

  function onRequest(message: unknown): void {
    if (typeof message !== 'object' || message === null || !('request' in message) || !('response' in message)) return
    const {request, response} = message
    if (request instanceof IncomingMessage && response instanceof ServerResponse) {
      responses.set(request.headers, response)
    }
  }
}
