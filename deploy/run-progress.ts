import type {LedgerEntry} from '../lib/ledger-entry.ts'
import type {Counts} from '../lib/outcome.ts'

/** How far a run is, seen from outside, through the ledger. */
export type RunProgress =
  | {readonly state: 'waiting'}
  | {
      readonly state: 'running'
      readonly attempt: number
      readonly part: number
      readonly since: Date
      readonly counts: Counts
    }
  /** An attempt failed in a way that may pass; Pub/Sub delivers the message again. */
  | {readonly state: 'retrying'; readonly attempt: number; readonly part: number; readonly reason: string}
  | {readonly state: 'continuing'; readonly part: number; readonly counts: Counts}
  | {readonly state: 'over'; readonly entry: LedgerEntry; readonly attempts: number}

/**
 * @param history every entry of the run, oldest first.
 * @param publishedAt entries that ended the run before this moment are of before a replay.
 */
export function runProgressOf(history: readonly LedgerEntry[], publishedAt = new Date(0)): RunProgress {
  const attempts = history.filter(({event}) => event === 'started').length
  const over = history.findLast(entry => isFinal(entry) && (isGood(entry) || entry.at >= publishedAt))
  if (over !== undefined) return {state: 'over', entry: over, attempts}
  const last = history.findLast(({event, at}) => event !== 'duplicate' && at >= publishedAt)
  if (last === undefined) return {state: 'waiting'}
  const {attempt, part} = last
  if (last.event === 'failed') return {state: 'retrying', attempt, part, reason: last.error?.message ?? ''}
  if (last.event === 'continued') return {state: 'continuing', part: part + 1, counts: last.counts ?? {}}
  const started = history.findLast(entry => entry.event === 'started' && entry.attempt === attempt)
  const counts = last.counts ?? history.findLast(entry => entry.counts !== undefined)?.counts ?? {}
  return {state: 'running', attempt, part, since: started?.at ?? last.at, counts}
}

function isGood({event}: LedgerEntry): boolean {
  return event === 'succeeded' || event === 'degraded' || event === 'skipped'
}

/** Whether an entry ends its run: a failure does when its message has become a dead letter. */
export function isFinal(entry: LedgerEntry): boolean {
  return isGood(entry) || (entry.event === 'failed' && entry.error?.kind !== undefined)
}
