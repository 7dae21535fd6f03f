import type {BigQuery, Query} from '@google-cloud/bigquery'
import {ContractError} from '../errors/contract-error.ts'
import {InterruptedError} from '../errors/interrupted-error.ts'
import {RejectedError} from '../errors/rejected-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {bigQueryErrorOf} from './bigquery-error.ts'

/**
 * The API's table of quota records, `organizations.org_usage_quotas`, as far as a job touches it. Both methods give
 * undefined where the table, or its dataset, does not exist. They throw UnavailableError (may pass), RejectedError
 * (BigQuery said no) or InterruptedError (the job's signal fired; a statement under way is carried out all the same).
 */
export type QuotaTable = {
  /**
   * Deletes the records of every day before one.
   *
   * @param day the first that is kept: `2026-08-25`.
   */
  readonly deleteBefore: (day: string) => Promise<DeletedRows | undefined>
  /** What `deleteBefore` would do, without doing it. */
  readonly measureBefore: (day: string) => Promise<DeletableRows | undefined>
}

type DeletedRows = {
  /** As BigQuery counted them; undefined where it did not say. */
  readonly rows: number | undefined
}
type DeletableRows = {
  readonly rows: number
  /** That the DELETE would process, by BigQuery's own dry run: 0 where whole partitions go. */
  readonly bytes: number
}

const table = '`organizations.org_usage_quotas`'
// Nothing else in the condition: only then whole partitions are dropped, and no byte is read.
// Source: https://cloud.google.com/bigquery/docs/using-dml-with-partitioned-tables
const condition = '`usage_date` < @day'
const deleteStatement = `DELETE FROM ${table} WHERE ${condition}`
const countStatement = `SELECT COUNT(*) AS \`row_count\` FROM ${table} WHERE ${condition}`

/** @param options.signal ends the waiting for BigQuery. */
export function createQuotaTable({bigQuery, signal}: {bigQuery: BigQuery; signal: AbortSignal}): QuotaTable {
  // No location: BigQuery runs a statement where the dataset that it names is.
  const statement = (query: string, day: string): Query => ({query, params: {day: bigQuery.date(day)}})

  return {
    deleteBefore: day =>
      reach(`delete the records before ${day}`, signal, async () => {
        const [job] = await bigQuery.createQueryJob(statement(deleteStatement, day))
        for (;;) {
          // BigQuery answers when the job is done, or after some seconds that it is not.
          const [, , answer] = await job.getQueryResults({maxResults: 0, autoPaginate: false})
          if (answer?.jobComplete !== false) return {rows: toCount(answer?.numDmlAffectedRows)}
          signal.throwIfAborted()
        }
      }),

    measureBefore: day =>
      reach(`look for records before ${day}`, signal, async () => {
        const [dryRun] = await bigQuery.createQueryJob({...statement(deleteStatement, day), dryRun: true})
        const [rows] = await bigQuery.query(statement(countStatement, day))
        const bytes = toCount(dryRun.metadata.statistics?.totalBytesProcessed)
        const count = toCount(rows[0]?.row_count)
        if (bytes === undefined || count === undefined)
          throw new ContractError('BigQuery did not count the rows and bytes of a dry run')
        return {rows: count, bytes}
      }),
  }
}

/** BigQuery's counts are text, so that no digit is lost. */
function toCount(count: unknown): number | undefined {
  if (typeof count === 'number') return count
  return typeof count === 'string' && /^\d+$/.test(count) ? Number(count) : undefined
}

async function reach<T>(what: string, signal: AbortSignal, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await beforeAbort(signal, act)
  } catch (error) {
    if (error instanceof ContractError) throw error
    if (signal.aborted) throw new InterruptedError(`stopped while BigQuery was to ${what}`, {cause: error})
    return handle(what, error)
  }
}

function handle(what: string, error: unknown): undefined {
  const {status, reason, message, retriable} = bigQueryErrorOf(error)
  // A job that failed later carries only the reason. A project is nothing that bootstrap creates.
  const isNotFound = status === 404 || reason === 'notFound'
  if (isNotFound && /not found: (table|dataset)\b/i.test(message)) return undefined
  const said = `BigQuery could not ${what}: ${message}`
  if (retriable) throw new UnavailableError(said, {mayHaveExecuted: true, status}, {cause: error})
  const hint =
    status === 403 || reason === 'accessDenied'
      ? ': the account needs the roles bigquery.jobUser on the project and bigquery.dataEditor on the dataset organizations'
      : ''
  throw new RejectedError(
    `${said}${hint}`,
    {status: status ?? (isNotFound ? 404 : 400), detail: message},
    {cause: error},
  )
}

/** BigQuery's client knows no signals: what it does goes on, but nobody waits for it. */
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
