import type {BigQuery, Query} from '@google-cloud/bigquery'
import {ContractError} from '../errors/contract-error.ts'
import {reachTable, readTable, toCount} from './reach-table.ts'

/**
 * The API's table of quota records, `organizations.org_usage_quotas`, as far as a job touches it. Every method gives
 * undefined where the table, or its dataset, does not exist, and throws what `reachTable` throws.
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
  /** What there is of one day: `2026-12-01`. */
  readonly countDay: (day: string) => Promise<DayCount | undefined>
}

type DayCount = {
  /** Organizations that have a record of that day, active or not. */
  readonly organizations: number
  /** Those of them whose month's count isn't 0. */
  readonly withMonth: number
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

const dayStatement = `SELECT COUNT(DISTINCT \`org_slug\`) AS \`organizations\`, COUNT(DISTINCT IF(\`pipelines_run_month\` = 0, NULL, \`org_slug\`)) AS \`with_month\` FROM ${table} WHERE \`usage_date\` = @day`

/** @param options.signal ends the waiting for BigQuery. */
export function createQuotaTable({bigQuery, signal}: {bigQuery: BigQuery; signal: AbortSignal}): QuotaTable {
  // No location: BigQuery runs a statement where the dataset that it names is.
  const statement = (query: string, day: string): Query => ({query, params: {day: bigQuery.date(day)}})

  return {
    deleteBefore: day =>
      reachTable({what: `delete the records before ${day}`, signal, mayHaveExecuted: true}, async () => {
        const [job] = await bigQuery.createQueryJob(statement(deleteStatement, day))
        for (;;) {
          // BigQuery answers when the job is done, or after some seconds that it is not.
          const [, , answer] = await job.getQueryResults({maxResults: 0, autoPaginate: false})
          if (answer?.jobComplete !== false) return {rows: toCount(answer?.numDmlAffectedRows)}
          signal.throwIfAborted()
        }
      }),

    measureBefore: day =>
      reachTable({what: `look for records before ${day}`, signal, mayHaveExecuted: true}, async () => {
        const [dryRun] = await bigQuery.createQueryJob({...statement(deleteStatement, day), dryRun: true})
        const [rows] = await bigQuery.query(statement(countStatement, day))
        const bytes = toCount(dryRun.metadata.statistics?.totalBytesProcessed)
        const count = toCount(rows[0]?.row_count)
        if (bytes === undefined || count === undefined)
          throw new ContractError('BigQuery did not count the rows and bytes of a dry run')
        return {rows: count, bytes}
      }),

    countDay: async day => {
      const what = `count the quota records of ${day}`
      const rows = await readTable(bigQuery, signal, {what, ...statement(dayStatement, day)})
      if (rows === undefined) return undefined
      const [organizations, withMonth] = [toCount(rows[0]?.['organizations']), toCount(rows[0]?.['with_month'])]
      if (organizations === undefined || withMonth === undefined) {
        throw new ContractError(`BigQuery gave no numbers when it was to ${what}`)
      }
      return {organizations, withMonth}
    },
  }
}
