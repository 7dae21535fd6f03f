import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'

/**
 * How often a run was attempted. A run that was cancelled, discarded or left out before it started holds the claim of
 * attempt 1, so that nothing starts it, but was not attempted.
 *
 * @param history every entry of the run.
 */
export function countAttempts(history: readonly LedgerEntry[]): number {
  return Math.max(0, ...history.filter(entry => isOfAttempt(entry, history)).map(({attempt}) => attempt))
}

/** Whether an entry is about something that was executed. */
export function isOfAttempt(entry: LedgerEntry, history: readonly LedgerEntry[]): boolean {
  const {attempt, event} = entry
  if (attempt === 0 || event === 'duplicate') return false
  const isDecision = event === 'cancelled' || event === 'discarded' || event === 'skipped'
  return !isDecision || entry.durationMilliseconds !== undefined || startOf(entry, history) !== undefined
}

/** The entry that an attempt begins with; undefined where the ledger learned only of its end. */
export function startOf({attempt}: LedgerEntry, history: readonly LedgerEntry[]): LedgerEntry | undefined {
  return history.find(entry => entry.event === 'started' && entry.attempt === attempt)
}

/** When the attempt of an entry began: where the ledger learned only of its end, the duration says so. */
export function beginningOf(entry: LedgerEntry, history: readonly LedgerEntry[]): Date {
  const started = startOf(entry, history)
  return started?.at ?? new Date(entry.at.getTime() - (entry.durationMilliseconds ?? 0))
}

/** When the first of these entries' attempts began; undefined without an entry. */
export function firstBeginning(entries: readonly LedgerEntry[], history: readonly LedgerEntry[]): Date | undefined {
  const moments = entries.map(entry => beginningOf(entry, history).getTime())
  return moments.length === 0 ? undefined : new Date(Math.min(...moments))
}

/** The first entry that the ledger has of an attempt: its start, or its end alone. */
export function isFirstOfAttempt(entry: LedgerEntry, history: readonly LedgerEntry[]): boolean {
  return isOfAttempt(entry, history) && (entry.event === 'started' || startOf(entry, history) === undefined)
}
