import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'

/** Rows are listed in place of a query for no longer than this: a clock that is far off may have put one elsewhere. */
const maxListedMilliseconds = 60_000
/** Two clocks need not agree, and the day of a row is that of its own. */
const clockToleranceMilliseconds = 10 * 60_000
const dayMilliseconds = 86_400_000

/**
 * Reads a run's entries: all of them by a query at first and now and then, in between those of the days since then, which
 * BigQuery lists at once. Where it doesn't, a query says what there is, or what is wrong.
 */
export function createHistoryReader(
  ledger: Pick<RunLedger, 'history' | 'historyOfDay'>,
  runId: string,
): () => Promise<readonly LedgerEntry[]> {
  let last: {readonly entries: readonly LedgerEntry[]; readonly at: number} | undefined

  async function query(): Promise<readonly LedgerEntry[]> {
    const at = Date.now()
    const entries = await ledger.history(runId)
    last = {entries, at}
    return entries
  }

  async function list(queried: NonNullable<typeof last>): Promise<readonly LedgerEntry[] | undefined> {
    const first = startOfDay(queried.at - clockToleranceMilliseconds)
    const end = Date.now() + clockToleranceMilliseconds
    const days = Array.from(
      {length: Math.ceil((end - first) / dayMilliseconds)},
      (_, day) => first + day * dayMilliseconds,
    )
    const listed = await Promise.all(days.map(day => ledger.historyOfDay(runId, new Date(day))))
    if (listed.includes(undefined)) return undefined
    const before = queried.entries.filter(({at}) => at.getTime() < first)
    return [...before, ...listed.flatMap(entries => entries ?? [])]
  }

  return async () => {
    if (last === undefined || Date.now() - last.at > maxListedMilliseconds) return query()
    const listed = await list(last).catch(error => {
      if (error instanceof UnavailableError) return undefined
      throw error
    })
    return listed ?? query()
  }
}

function startOfDay(milliseconds: number): number {
  return Math.floor(milliseconds / dayMilliseconds) * dayMilliseconds
}
