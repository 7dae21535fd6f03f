import * as z from 'zod'
import {RejectedError} from '../errors/rejected-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import type {HttpRefusal} from '../http/http-service.ts'
import {toPrintableLine} from '../log/printable.ts'

// FastAPI's error bodies, as the contract has them.
const body = z.object({
  detail: z.union([
    z.string(),
    z.object({
      error: z.string().optional(),
      message: z.string().optional(),
      retry_after: z.number().nonnegative().optional(),
    }),
    z.array(z.object({loc: z.array(z.union([z.string(), z.number()])), msg: z.string()})),
  ]),
})

const transientStatuses = new Set([408, 425, 429])

/** Sorts a refusal of the admin API into the taxonomy, with what the operator is to do. */
export function toApiError(
  {status, headers, text}: HttpRefusal,
  operation: string,
): {error: Error; retryAfterSeconds?: number | undefined} {
  const {detail, retryAfter} = parseDetail(text)
  const said = detail === '' ? `HTTP ${status}` : `HTTP ${status}: ${detail}`
  if (status >= 500 || transientStatuses.has(status)) {
    const mayHaveExecuted = status !== 429 && status !== 425
    return {
      error: new UnavailableError(`the admin API could not do ${operation} now (${said})`, {mayHaveExecuted, status}),
      retryAfterSeconds: retryAfter ?? parseRetryAfter(headers.get('retry-after')),
    }
  }
  return {
    error: new RejectedError(`the admin API refused ${operation} (${said})${hintFor(status, detail)}`, {
      status,
      detail,
    }),
  }
}

function hintFor(status: number, detail: string): string {
  if (status === 401 || status === 403) return ': CA_ROOT_API_KEY is not the key of this API, check the secret'
  if (status === 404 && detail === 'Not Found')
    return ': this release of the API has no such route, API and jobs disagree'
  return ''
}

function parseDetail(text: string): {detail: string; retryAfter: number | undefined} {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return {detail: toPrintableLine(text, 200), retryAfter: undefined}
  }
  const detail = body.safeParse(json).data?.detail
  if (detail === undefined) return {detail: toPrintableLine(text, 200), retryAfter: undefined}
  if (typeof detail === 'string') return {detail: toPrintableLine(detail), retryAfter: undefined}
  if (Array.isArray(detail)) {
    const lines = detail.map(({loc, msg}) => `${loc.join('.')}: ${msg}`)
    return {detail: toPrintableLine(lines.join('; ')), retryAfter: undefined}
  }
  const words = [detail.error, detail.message].filter(word => word !== undefined)
  return {detail: toPrintableLine(words.join(': ')), retryAfter: detail.retry_after}
}

/** Seconds of a `Retry-After` header that gives seconds; a date is passed over, the backoff does as well. */
function parseRetryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined
}
