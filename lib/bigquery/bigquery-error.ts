import * as z from 'zod'
import {toPrintableLine} from '../log/printable.ts'

const schema = z.object({
  code: z.union([z.number(), z.string()]).optional(),
  message: z.string().optional(),
  errors: z.array(z.object({reason: z.string().optional(), message: z.string().optional()})).optional(),
})

/** Reasons that pass by themselves. Source: BigQuery documentation, "Error messages". */
const passing = new Set([
  'backendError',
  'internalError',
  'jobBackendError',
  'jobInternalError',
  'jobRateLimitExceeded',
  'rateLimitExceeded',
  'quotaExceeded',
  'tableUnavailable',
  'timeout',
  'stopped',
])

export type BigQueryError = {
  /** HTTP status; undefined where there was no answer. */
  readonly status: number | undefined
  /** BigQuery's own word, for example `notFound`. */
  readonly reason: string | undefined
  readonly message: string
  /** Whether the same request may do better later. */
  readonly retriable: boolean
}

/** Reads what BigQuery's client throws. */
export function bigQueryErrorOf(error: unknown): BigQueryError {
  const {data} = schema.safeParse(error)
  const status = typeof data?.code === 'number' ? data.code : undefined
  const reason = data?.errors?.[0]?.reason
  const message = data?.message || data?.errors?.[0]?.message || 'no answer'
  return {
    status,
    reason,
    message: toPrintableLine(message),
    retriable: reason === undefined ? status === undefined || status >= 500 || status === 429 : passing.has(reason),
  }
}
