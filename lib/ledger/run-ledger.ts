import {createHash, randomUUID} from 'node:crypto'
import type {BigQuery, Job as BigQueryJob, Query} from '@google-cloud/bigquery'
import {bigQueryErrorOf} from '../bigquery/bigquery-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import type {LedgerEntry} from './ledger-entry.ts'
import {ledgerColumns, ledgerDataset, ledgerLocation, ledgerTable, parseLedgerRow} from './ledger-table.ts'

export type RunLedger = {
  /** Every entry of a run, oldest first. @throws UnavailableError */
  readonly history: (runId: string) => Promise<LedgerEntry[]>
  /** Entries from a moment on (and before another), oldest first, of one job or of all; never progress. */
  readonly since: (moment: Date, filter?: {readonly job?: string; readonly until?: Date}) => Promise<LedgerEntry[]>
  /**
   * Claims an attempt: of all who try at once, one gets `true`. The claim is the BigQuery job that writes the
   * entry; its id is derived from run and attempt, and BigQuery refuses a second one with the same id (409).
   *
   * @param entry `started`, or what ends a run without an attempt: it takes attempt 1's id, so nothing can start it.
   * @throws UnavailableError if it can't be told whether the attempt was claimed.
   */
  readonly claim: (entry: LedgerEntry) => Promise<boolean>
  /** Appends an entry. @throws UnavailableError if it can't be told whether it was written. */
  readonly record: (entry: LedgerEntry) => Promise<void>
}

const table = `\`${ledgerDataset}.${ledgerTable}\``
// Every name is quoted: some of the columns are reserved words of GoogleSQL (`at`), and others may become so.
// Source: https://github.com/google/googlesql/blob/master/docs/lexical.md#reserved_keywords
const quote = (name: string) => `\`${name}\``
const names = ledgerColumns.map(({name}) => quote(name))
const insertStatement = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${ledgerColumns
  .map(({name, type}) => (type === 'JSON' ? `PARSE_JSON(@${name})` : `@${name}`))
  .join(', ')})`
// JSON is passed as text, since a parameter of type JSON would be parsed by rules of its own.
const types = Object.fromEntries(ledgerColumns.map(({name, type}) => [name, type === 'JSON' ? 'STRING' : type]))
const selectStatement = `SELECT ${ledgerColumns
  .map(({name, type}) => (type === 'JSON' ? `TO_JSON_STRING(${quote(name)}) AS ${quote(name)}` : quote(name)))
  .join(', ')} FROM ${table}`

/** How often a claim is tried anew whose BigQuery job failed, and with that used up its id. */
const maxConsumedIds = 10

/** The run ledger in BigQuery. */
export function createRunLedger(bigQuery: BigQuery): RunLedger {
  async function select(where: string, params: Record<string, unknown>): Promise<LedgerEntry[]> {
    return reach('read', async () => {
      const [rows] = await bigQuery.query({
        query: `${selectStatement} WHERE ${where} ORDER BY \`at\`, \`attempt\``,
        params,
        location: ledgerLocation,
      })
      return rows.map(parseLedgerRow)
    })
  }

  /** @returns false if a job of somebody else has this id. */
  async function insertOnce(entry: LedgerEntry, jobId: string): Promise<'written' | 'lost' | 'spent'> {
    const params = Object.fromEntries(ledgerColumns.map(({name, value}) => [name, value(entry)]))
    // The label tells our own job from another's when the answer to a request that came through was lost.
    const labels = {writer: randomUUID()}
    const query: Query = {query: insertStatement, params, types, jobId, labels, location: ledgerLocation}
    const job = bigQuery.job(jobId, {location: ledgerLocation})
    try {
      await bigQuery.createQueryJob(query)
    } catch (error) {
      if (bigQueryErrorOf(error).status !== 409) throw error
      const [metadata] = await job.getMetadata()
      if (metadata.status?.errorResult !== undefined) return 'spent'
      if (metadata.configuration?.labels?.['writer'] !== labels.writer) return 'lost'
    }
    return (await isDone(job)) ? 'written' : 'spent'
  }

  async function write(entry: LedgerEntry, id: string): Promise<boolean> {
    return reach('write', async () => {
      for (let consumed = 0; consumed < maxConsumedIds; consumed += 1) {
        const result = await insertOnce(entry, consumed === 0 ? id : `${id}-${consumed}`)
        if (result !== 'spent') return result === 'written'
      }
      throw new UnavailableError(
        `the run ledger refused the entry ${maxConsumedIds} times: look at ${id} in BigQuery`,
        {
          mayHaveExecuted: false,
        },
      )
    })
  }

  return {
    // The table is clustered by job and run id, in this order: without the job, every block would be read.
    history: runId => select('`job` = @job AND `run_id` = @runId', {job: runId.split('@')[0], runId}),
    since(moment, {job, until} = {}) {
      const where = ['`at` >= @moment', '`event` != @event']
      if (until !== undefined) where.push('`at` < @until')
      if (job !== undefined) where.push('`job` = @job')
      return select(where.join(' AND '), {
        moment: bigQuery.timestamp(moment),
        event: 'progress',
        ...(until === undefined ? {} : {until: bigQuery.timestamp(until)}),
        ...(job === undefined ? {} : {job}),
      })
    },
    claim: entry => write(entry, entryId({...entry, event: 'started'})),
    // An id of its own each time: whoever ended the attempt before (a run without the ledger has attempt 1 again), what
    // happened is not lost.
    record: async entry => void (await write(entry, `${entryId(entry)}-${randomUUID()}`)),
  }
}

/** Waits for the job's end. @returns false if it failed, and with that used up its id. */
async function isDone(job: BigQueryJob): Promise<boolean> {
  try {
    await job.getQueryResults({maxResults: 0})
    return true
  } catch (error) {
    const [metadata] = await job.getMetadata()
    if (metadata.status?.state !== 'DONE') throw error
    if (metadata.status.errorResult === undefined) return true
    const {retriable} = bigQueryErrorOf({errors: [metadata.status.errorResult]})
    if (retriable) return false
    throw error
  }
}

/** A BigQuery job id: letters, digits, `-` and `_`. The digest keeps run ids apart that differ in other characters. */
function entryId({runId, attempt, event}: LedgerEntry): string {
  const digest = createHash('sha256').update(runId).digest('hex').slice(0, 16)
  return `run-${runId.replace(/[^A-Za-z0-9-]/g, '_').slice(0, 100)}-${digest}-${attempt}-${event}`
}

async function reach<T>(what: 'read' | 'write', act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof UnavailableError) throw error
    const {status, message} = bigQueryErrorOf(error)
    const hint =
      status === 404
        ? `: the table ${ledgerDataset}.${ledgerTable} is missing`
        : status === 403
          ? ': the account may not use it (roles bigquery.jobUser on the project, bigquery.dataEditor on the dataset)'
          : ''
    throw new UnavailableError(
      `can't ${what} the run ledger${hint} (BigQuery: ${message})`,
      {mayHaveExecuted: what !== 'read', status},
      {cause: error},
    )
  }
}
