import {createHash, randomUUID} from 'node:crypto'
import type {BigQuery} from '@google-cloud/bigquery'
import * as z from 'zod'
import {bigQueryErrorOf} from '../bigquery/bigquery-error.ts'
import {LostClaimError} from '../errors/lost-claim-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {withDeadline} from '../http/deadline.ts'
import {provesNothingWasSent} from '../http/network-error.ts'
import {type Insertion, insertJob} from './insert-job.ts'
import type {LedgerEntry} from './ledger-entry.ts'
import {ledgerColumns, ledgerDataset, ledgerLocation, ledgerTable, parseLedgerRow} from './ledger-table.ts'
import {createListDay} from './list-day.ts'

export type Claim =
  /** Ours. `written` resolves once the row can be read. */
  | {readonly kind: 'claimed'; readonly written: Promise<void>}
  /** Somebody else's, since `at`; the row may not be there yet. */
  | {readonly kind: 'taken'; readonly at: Date}

/** Every method has a deadline, and throws UnavailableError past it. */
export type RunLedger = {
  /** Every entry of a run, oldest first. @throws UnavailableError */
  readonly history: (runId: string) => Promise<LedgerEntry[]>
  /**
   * A run's entries of one day (UTC), oldest first, without a query; undefined where it takes one.
   *
   * @throws UnavailableError
   */
  readonly historyOfDay: (runId: string, day: Date) => Promise<LedgerEntry[] | undefined>
  /** Every entry of several runs in one statement, oldest first, by run. @throws UnavailableError */
  readonly histories: (runIds: readonly string[]) => Promise<ReadonlyMap<string, LedgerEntry[]>>
  /** Entries from a moment on (and before another), oldest first, of one job or of all; never progress. */
  readonly since: (moment: Date, filter?: {readonly job?: string; readonly until?: Date}) => Promise<LedgerEntry[]>
  /** When the oldest entry that is kept was written; undefined while there is none. @throws UnavailableError */
  readonly beginning: () => Promise<Date | undefined>
  /**
   * Claims an attempt of a run: of all who try at once, one gets it. The claim is the BigQuery job that writes the entry;
   * its id is derived from run and attempt, and BigQuery refuses a second one with the same id (409).
   *
   * The entry is `started` for an attempt that is to be executed. Whatever decides a run without executing it
   * (`discarded`, `skipped`, an outcome that the ledger learns late) claims the next attempt as well, so that no first
   * delivery can start the run beside it.
   *
   * Answers once BigQuery has accepted the job. If that job then fails, `written` claims again under the next id, and
   * rejects with LostClaimError if another one was quicker, or with UnavailableError if it can't be known.
   *
   * @param writer who claims: the same one gets its own claim again after an answer was lost.
   * @throws UnavailableError if it can't be known whether the attempt was claimed.
   */
  readonly claim: (entry: LedgerEntry, writer?: string) => Promise<Claim>
  /** Appends an entry. @throws UnavailableError if it can't be known whether it was written. */
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

const beginningStatement = `SELECT MIN(\`at\`) AS \`first\` FROM ${table}`
const beginningSchema = z.array(
  z.object({
    first: z
      .object({value: z.string().pipe(z.coerce.date())})
      .transform(({value}) => value)
      .nullable(),
  }),
)

/** How many ids a claim tries whose BigQuery jobs failed, and with that used up their ids. */
const maxConsumedIds = 30

/**
 * The run ledger in BigQuery.
 *
 * @param options.deadlineSeconds for each step: a statement takes 1 to 3 s.
 * @param options.beginningOf from when on a run's history is read, so that BigQuery leaves out the partitions before it.
 *   Absent where anything is decided by the history: all of it is read.
 */
export function createRunLedger(
  bigQuery: BigQuery,
  options: {
    readonly deadlineSeconds?: number
    readonly beginningOf?: (runId: string) => Date | undefined
  } = {},
): RunLedger {
  const {deadlineSeconds = 15, beginningOf = () => undefined} = options
  const listDay = createListDay(bigQuery)
  const reach = <T>(action: 'read' | 'write', act: () => Promise<T>) => reachLedger(action, deadlineSeconds, act)

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

  function selectSince(runIds: readonly string[], where: string, params: Record<string, unknown>) {
    const beginnings = runIds.map(runId => beginningOf(runId)?.getTime() ?? 0)
    const first = new Date(Math.min(...beginnings))
    if (first.getTime() === 0) return select(where, params)
    return select(`${where} AND \`at\` >= @first`, {...params, first: bigQuery.timestamp(first)})
  }

  /** Inserts under the first id that isn't used up, from the one with this number on. */
  async function insert(entry: LedgerEntry, id: string, writer: string, from: number) {
    for (let consumed = from; consumed < maxConsumedIds; consumed += 1) {
      const jobId = consumed === 0 ? id : `${id}-${consumed}`
      const insertion = await insertJob(bigQuery, {...toQuery(entry), jobId, location: ledgerLocation}, writer)
      if (insertion.kind !== 'consumed') return {insertion, next: consumed + 1}
    }
    throw new UnavailableError(`the run ledger refused the entry ${maxConsumedIds} times: check ${id} in BigQuery`, {
      mayHaveExecuted: false,
    })
  }

  async function claim(entry: LedgerEntry, id: string, writer: string): Promise<Claim> {
    const {insertion, next} = await reach('write', () => insert(entry, id, writer, 0))
    if (insertion.kind === 'taken') return insertion
    const written = reach('write', () => finish(insertion, next))
    // A caller that goes on without the row need not wait for it.
    written.catch(() => undefined)
    return {kind: 'claimed', written}

    async function finish(accepted: Insertion & {kind: 'accepted'}, from: number): Promise<void> {
      if (await accepted.isWritten()) return
      const again = await insert(entry, id, writer, from)
      if (again.insertion.kind === 'taken') throw new LostClaimError(`attempt ${entry.attempt} was claimed elsewhere`)
      return finish(again.insertion, again.next)
    }
  }

  return {
    // The table is clustered by job and run id, in this order: without the job, every block would be read.
    async histories(runIds) {
      // An array parameter without elements has no type.
      if (runIds.length === 0) return new Map()
      const jobs = [...new Set(runIds.map(runId => runId.split('@')[0] ?? ''))]
      const where = '`job` IN UNNEST(@jobs) AND `run_id` IN UNNEST(@runIds)'
      const entries = await selectSince(runIds, where, {jobs, runIds: [...runIds]})
      return Map.groupBy(entries, ({runId}) => runId)
    },
    history: runId => selectSince([runId], '`job` = @job AND `run_id` = @runId', {job: runId.split('@')[0], runId}),
    historyOfDay: (runId, day) => reach('read', () => listDay(runId, day)),
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
    beginning: () =>
      reach('read', async () => {
        const [rows] = await bigQuery.query({query: beginningStatement, location: ledgerLocation})
        return beginningSchema.parse(rows)[0]?.first ?? undefined
      }),
    claim: (entry, writer = randomUUID()) => claim(entry, jobIdOf(entry, 'started'), writer),
    // An id of its own each time: an end that comes second is recorded too.
    record: entry =>
      reach('write', async () => {
        const claimed = await claim(entry, `${jobIdOf(entry, entry.event)}-${randomUUID()}`, randomUUID())
        if (claimed.kind === 'claimed') await claimed.written
      }),
  }
}

function toQuery(entry: LedgerEntry) {
  const params = Object.fromEntries(ledgerColumns.map(({name, value}) => [name, value(entry)]))
  return {query: insertStatement, params, types}
}

/** A BigQuery job id: letters, digits, `-` and `_`. The digest keeps run ids apart that differ in other characters. */
function jobIdOf({runId, attempt}: LedgerEntry, event: string): string {
  const digest = createHash('sha256').update(runId).digest('hex').slice(0, 16)
  return `run-${runId.replace(/[^A-Za-z0-9-]/g, '_').slice(0, 100)}-${digest}-${attempt}-${event}`
}

async function reachLedger<T>(action: 'read' | 'write', deadlineSeconds: number, act: () => Promise<T>): Promise<T> {
  const toDeadlineError = () =>
    new UnavailableError(`can't ${action} the run ledger: BigQuery did not answer within ${deadlineSeconds} s`, {
      mayHaveExecuted: action !== 'read',
    })
  try {
    return await withDeadline(deadlineSeconds * 1000, toDeadlineError, act)
  } catch (error) {
    if (error instanceof UnavailableError || error instanceof LostClaimError) throw error
    const {status, message} = bigQueryErrorOf(error)
    const hint =
      status === 404
        ? `: the table ${ledgerDataset}.${ledgerTable} is missing`
        : status === 403
          ? ': the account may not use it (roles bigquery.jobUser on the project, bigquery.dataEditor on the dataset)'
          : ''
    throw new UnavailableError(
      `can't ${action} the run ledger${hint} (BigQuery: ${message})`,
      {mayHaveExecuted: action !== 'read' && !isRefusal(status) && !provesNothingWasSent(error), status},
      {cause: error},
    )
  }
}

function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500
}
