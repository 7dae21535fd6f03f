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

/**
 * Refusals that pass, though their reason says otherwise: two statements that changed the same rows, rows that were just
 * streamed, and a table's queue of statements (20). Sources: BigQuery documentation, "Error messages" and "DML".
 */
const passingMessages = /could not serialize access|streaming buffer|too many DML statements outstanding/i

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
    retriable: mayPass(status, reason, message),
  }
}

/** A 5xx passes whatever its reason. */
function mayPass(status: number | undefined, reason: string | undefined, message: string): boolean {
  if (status !== undefined && (status >= 500 || status === 429)) return true
  if (passingMessages.test(message)) return true
  return reason === undefined ? status === undefined : passing.has(reason)
}
