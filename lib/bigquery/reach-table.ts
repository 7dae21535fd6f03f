import type {BigQuery, Query} from '@google-cloud/bigquery'
import {ContractError} from '../errors/contract-error.ts'
import {InterruptedError} from '../errors/interrupted-error.ts'
import {RejectedError} from '../errors/rejected-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {bigQueryErrorOf} from './bigquery-error.ts'

type Reach = {
  /** For messages: `delete the records before 2026-08-25`. */
  readonly what: string
  readonly signal: AbortSignal
  /** A statement that only reads executes nothing. */
  readonly mayHaveExecuted: boolean
}

/**
 * Has BigQuery do something with one of the API's tables.
 *
 * @returns undefined where the table, or its dataset, does not exist.
 * @throws UnavailableError (may pass), RejectedError (BigQuery said no) or InterruptedError (the job's signal fired; a
 *   statement under way executes nevertheless).
 */
export async function reachTable<T>(reach: Reach, act: () => Promise<T>): Promise<T | undefined> {
  const {what, signal, mayHaveExecuted} = reach
  try {
    return await beforeAbort(signal, act)
  } catch (error) {
    if (error instanceof ContractError) throw error
    if (signal.aborted)
      throw new InterruptedError(`stopped while BigQuery was to ${what}`, {mayHaveExecuted, cause: error})
    return handle(reach, error)
  }
}

/** The rows of a statement that only reads. No location: BigQuery runs it where the dataset that it names is. */
export function readTable(
  bigQuery: BigQuery,
  signal: AbortSignal,
  {what, ...query}: Query & {readonly what: string},
): Promise<Record<string, unknown>[] | undefined> {
  return reachTable({what, signal, mayHaveExecuted: false}, async () => {
    const [rows] = await bigQuery.query(query)
    return rows
  })
}

/** BigQuery's counts are text, so that no digit is lost. */
export function toCount(count: unknown): number | undefined {
  if (typeof count === 'number') return count
  return typeof count === 'string' && /^\d+$/.test(count) ? Number(count) : undefined
}

function handle({what, mayHaveExecuted}: Reach, error: unknown): undefined {
  const {status, reason, message, retriable} = bigQueryErrorOf(error)
  // A job that failed later carries only the reason. A project isn't what bootstrap creates.
  const isNotFound = status === 404 || reason === 'notFound'
  if (isNotFound && /not found: (table|dataset)\b/i.test(message)) return undefined
  const said = `BigQuery could not ${what}: ${message}`
  if (retriable) throw new UnavailableError(said, {mayHaveExecuted, status}, {cause: error})
  const role = mayHaveExecuted
    ? 'bigquery.dataEditor on the dataset organizations'
    : 'bigquery.dataViewer on the tables that the job reads'
  const hint =
    status === 403 || reason === 'accessDenied'
      ? `: the account needs the roles bigquery.jobUser on the project and ${role}`
      : ''
  throw new RejectedError(
    `${said}${hint}`,
    {status: status ?? (isNotFound ? 404 : 400), detail: message},
    {cause: error},
  )
}

/** BigQuery's client knows no signals: what it does goes on, and its answer is dropped. */
function beforeAbort<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, {once: true})
    act()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
}
