import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {guardLoopback} from '../../emulator/loopback-guard.ts'
import {createProtoJsonReader} from '../wire/proto-json-reader.ts'
import {createProtoJsonWriter} from '../wire/proto-json-writer.ts'
import type {ProtoSchema} from '../wire/proto-schema.ts'
import {StatusError, toStatusError} from '../wire/status-error.ts'
import {createRestRoutes, type RestMatch} from './rest-routes.ts'
import type {RpcMethods} from './rpc-method.ts'

const maxBodyBytes = 10_485_760

/** Parameters that every Google API takes, and that change nothing here: https://cloud.google.com/apis/docs/system-parameters */
const systemParameters = /^(?:\$.*|access_token|alt|callback|fields|key|oauth_token|prettyPrint|quotaUser|upload.*)$/

/**
 * The REST form of the API, for gcloud and everything else that speaks JSON over HTTP/1.1.
 *
 * @returns a server that does not listen: it is given its connections.
 */
export function createRestFront(options: {readonly schema: ProtoSchema; readonly methods: RpcMethods}): Server {
  const {schema, methods} = options
  const route = createRestRoutes(schema)
  const readJson = createProtoJsonReader(schema)
  const writeJson = createProtoJsonWriter(schema)

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const match = route(request.method ?? 'GET', url.pathname)
    if (match === undefined) {
      throw new StatusError('NOT_FOUND', `The local Pub/Sub server has nothing at ${request.method} ${url.pathname}.`)
    }
    const body = await readBody(request)
    const method = methods[match.method]
    if (method === undefined) {
      throw new StatusError('UNIMPLEMENTED', `The local Pub/Sub server does not implement ${match.method}.`)
    }
    const message = readJson(match.requestType, toRequestJson(match, body, url.searchParams))
    const answer = await method(message, {onCancelled: listener => void response.once('close', listener)})
    return writeJson(match.responseType, answer)
  }

  return createServer(
    guardLoopback((request, response) => {
      respond(request, response).then(
        json => send(response, 200, json),
        (error: unknown) => {
          const {httpCode, message, status} = toStatusError(error)
          send(response, httpCode, {error: {code: httpCode, message, status}})
        },
      )
    }),
  )
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Read to the end even when it is too much: a client that still writes would not see the answer.
  for await (const chunk of request) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes <= maxBodyBytes) chunks.push(part)
  }
  if (bytes > maxBodyBytes) {
    throw new StatusError('INVALID_ARGUMENT', `Request payload size exceeds the limit: ${maxBodyBytes} bytes.`)
  }
  return Buffer.concat(chunks).toString()
}

/** The request message as JSON: body, path and query in one. */
function toRequestJson(match: RestMatch, body: string, query: URLSearchParams): Record<string, unknown> {
  const fromBody = match.body === '' || body.trim() === '' ? {} : parseObject(body)
  const json: Record<string, unknown> = match.body === '*' || match.body === '' ? fromBody : {[match.body]: fromBody}
  for (const [name, value] of query) {
    if (!systemParameters.test(name)) setAt(json, name, value)
  }
  for (const [name, value] of Object.entries(match.variables)) setAt(json, name, value)
  return json
}

function parseObject(body: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new StatusError('INVALID_ARGUMENT', `Invalid JSON payload received. ${problem}`, {cause})
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return {...json}
  throw new StatusError('INVALID_ARGUMENT', 'Invalid JSON payload received. The payload is no object.')
}

/** Sets `a.b` inside `{a: {…}}`. */
function setAt(json: Record<string, unknown>, name: string, value: string): void {
  const [first = '', ...rest] = name.split('.')
  if (rest.length === 0) {
    json[first] = value
    return
  }
  const current = json[first]
  const inner: Record<string, unknown> = typeof current === 'object' && current !== null ? {...current} : {}
  setAt(inner, rest.join('.'), value)
  json[first] = inner
}

function send(response: ServerResponse, status: number, json: unknown): void {
  const text = `${JSON.stringify(json)}\n`
  response.writeHead(status, {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}
