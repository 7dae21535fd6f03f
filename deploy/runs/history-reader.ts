import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'

/** Rows are listed in place of a query for no longer than this: a clock that is far off may have put one elsewhere. */
const maxListedMilliseconds = 60_000
/** Two clocks need not agree, and the day of a row is that of its own. */
const clockToleranceMilliseconds = 10 * 60_000

/**
 * Reads a run's entries: all of them by a query at first and every minute, in between those of the days that new ones can be
 * of, which BigQuery lists at once. Where it doesn't, a query says what there is, or what is wrong.
 */
export function createHistoryReader(
  ledger: Pick<RunLedger, 'history' | 'historyOfDay'>,
  runId: string,
  {now = () => new Date(), monotonic = () => performance.now()} = {},
): () => Promise<readonly LedgerEntry[]> {
  let queried: {readonly entries: readonly LedgerEntry[]; readonly at: number} | undefined
  let notListedUntil = Number.NEGATIVE_INFINITY

  async function query(): Promise<readonly LedgerEntry[]> {
    const at = monotonic()
    const entries = await ledger.history(runId)
    queried = {entries, at}
    return entries
  }

  /** Only what was listed takes the place of what was queried. */
  async function list(known: readonly LedgerEntry[]): Promise<readonly LedgerEntry[] | undefined> {
    const around = [-clockToleranceMilliseconds, clockToleranceMilliseconds].map(off => new Date(now().getTime() + off))
    // Where this machine's clock is wrong, the ledger's newest entry is of a right one.
    const moments = [...around, ...known.slice(-1).map(({at}) => at)]
    const days = new Map(moments.map(moment => [toDay(moment), moment]))
    const listed = await Promise.all(days.values().map(day => ledger.historyOfDay(runId, day)))
    if (listed.includes(undefined)) return undefined
    const others = known.filter(({at}) => !days.has(toDay(at)))
    return [...others, ...listed.flatMap(entries => entries ?? [])].toSorted((a, b) => a.at.getTime() - b.at.getTime())
  }

  return async () => {
    const at = monotonic()
    if (queried === undefined || at - queried.at > maxListedMilliseconds || at < notListedUntil) return query()
    const listed = await list(queried.entries).catch(error => {
      if (error instanceof UnavailableError) return undefined
      throw error
    })
    if (listed !== undefined) return listed
    // Else each read would ask twice, and say twice as late that the ledger doesn't answer.
    notListedUntil = at + maxListedMilliseconds
    return query()
  }
}

/** In UTC: `2026-11-26`. */
function toDay(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}
