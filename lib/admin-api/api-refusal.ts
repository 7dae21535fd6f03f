import * as z from 'zod'
import {RejectedError} from '../errors/rejected-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import type {HttpRefusal} from '../http/http-service.ts'
import {toPrintableLine} from '../log/printable.ts'
import {parseWaitSeconds} from './rate-limit-reset.ts'

// FastAPI's error bodies, and those of the middleware in front of it, which have no `detail`.
const errorObject = z.object({
  error: z.string().optional(),
  message: z.string().optional(),
  error_id: z.string().optional(),
  retry_after: z.unknown().optional(),
})
const issues = z.array(z.object({loc: z.array(z.union([z.string(), z.number()])), msg: z.string()}))
const bodySchema = z.union([
  z.object({detail: z.union([z.string(), errorObject, issues]), request_id: z.string().nullish()}),
  errorObject
    .extend({request_id: z.string().nullish()})
    .refine(({error, message}) => error !== undefined || message !== undefined),
])

const transientStatuses = new Set([408, 425, 429])
/** Of the API's own words: enough for the longest message with its cause. */
const maxDetailLength = 400

type Refusal = {
  /** The API's own words on one line. */
  readonly detail: string
  /** `request_id` and `error_id`, the handles into the API's logs. */
  readonly handles: readonly string[]
  /** The API had trouble of its own: whatever the status, it says nothing of this request. */
  readonly isOwnTrouble: boolean
  readonly retryAfter: unknown
}

/**
 * Sorts a refusal of the admin API into the taxonomy, with what the operator is to do.
 *
 * @param now rate limits name a moment, not a duration.
 */
export function createToApiError(now: () => Date) {
  return (refusal: HttpRefusal, operation: string): {error: Error; retryAfterSeconds?: number | undefined} => {
    const {status, headers} = refusal
    const parsed = parseRefusal(refusal)
    const said = describe(status, parsed)
    if (status >= 500 || transientStatuses.has(status) || parsed.isOwnTrouble) {
      const mayHaveExecuted = !provesNothingWasDone(refusal, parsed)
      const hint = hintForUnavailable(refusal, parsed)
      return {
        error: new UnavailableError(`the admin API could not do ${operation} now (${said})${hint}`, {
          mayHaveExecuted,
          status,
        }),
        retryAfterSeconds:
          parseWaitSeconds(parsed.retryAfter, now()) ??
          parseWaitSeconds(headers.get('retry-after'), now()) ??
          parseWaitSeconds(headers.get('x-ratelimit-reset'), now()),
      }
    }
    const {detail} = parsed
    return {
      error: new RejectedError(`the admin API refused ${operation} (${said})${hintFor(status, detail)}`, {
        status,
        detail,
      }),
    }
  }
}

/** The handles first: when a long message is cut, the end of the API's text is lost, not these. */
function describe(status: number, {detail, handles}: Refusal): string {
  const head = [`HTTP ${status}`, ...handles].join(', ')
  return detail === '' ? head : `${head}: ${detail}`
}

/** Refused before any work: a limit of requests, maintenance, a service without its key. */
function provesNothingWasDone({status, headers}: HttpRefusal, {detail, isOwnTrouble}: Refusal): boolean {
  if (isOwnTrouble) return false
  if (status === 429 || status === 425) return true
  return status === 503 && (headers.get('x-maintenance-mode') === 'true' || isWithoutKey(detail))
}

function isWithoutKey(detail: string): boolean {
  return detail.startsWith('Root API key not configured')
}

function hintForUnavailable({status, headers}: HttpRefusal, {detail}: Refusal): string {
  if (status !== 503) return ''
  if (headers.get('x-maintenance-mode') === 'true') return ': it is in maintenance, and did nothing'
  return isWithoutKey(detail) ? ': the API was deployed without its root key, and did nothing' : ''
}

function hintFor(status: number, detail: string): string {
  if (status === 401 || status === 403) return ': CA_ROOT_API_KEY is not the key of this API, check the secret'
  if (status === 404 && detail === 'Not Found')
    return ': this release of the API has no such route, API and jobs disagree'
  return ''
}

function parseRefusal({text, headers, requestId: sent}: HttpRefusal): Refusal {
  const body = bodySchema.safeParse(parseJson(text)).data
  const unknown = {detail: toPrintableLine(text, 200), isOwnTrouble: false, retryAfter: undefined}
  if (body === undefined) return {...unknown, handles: toHandles(headers.get('x-request-id') ?? sent, undefined)}

  const requestId = body.request_id ?? headers.get('x-request-id') ?? sent
  const detail = 'detail' in body ? body.detail : body
  if (typeof detail === 'string') {
    return {...unknown, detail: toPrintableLine(detail, maxDetailLength), handles: toHandles(requestId, undefined)}
  }
  if (Array.isArray(detail)) {
    const lines = detail.map(({loc, msg}) => `${loc.join('.')}: ${msg}`)
    return {...unknown, detail: toPrintableLine(lines.join('; ')), handles: toHandles(requestId, undefined)}
  }
  const words = [detail.error, detail.message].filter(word => word !== undefined)
  return {
    detail: toPrintableLine(words.join(': '), maxDetailLength),
    handles: toHandles(requestId, detail.error_id),
    // An object as `detail` comes from the service's handler of its own errors, or from a limit, which names a time.
    isOwnTrouble: 'detail' in body && detail.retry_after === undefined,
    retryAfter: detail.retry_after,
  }
}

function toHandles(requestId: string | null | undefined, errorId: string | undefined): string[] {
  return [
    ...(errorId === undefined ? [] : [`error_id ${toPrintableLine(errorId, 60)}`]),
    ...(requestId === undefined || requestId === null ? [] : [`request_id ${toPrintableLine(requestId, 60)}`]),
  ]
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
