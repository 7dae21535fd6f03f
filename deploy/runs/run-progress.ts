import type {Counts} from '../../lib/job/outcome.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'

/** How far a run is, seen from outside, through the ledger. */
export type RunProgress =
  | {readonly state: 'waiting'}
  | {
      readonly state: 'running'
      readonly attempt: number
      readonly part: number
      readonly since: Date
      readonly counts: Counts
      /** What the attempt repeats at the moment, and why. */
      readonly trouble?: string
      /** What the run repeated before, or why its attempt before failed. */
      readonly lastTrouble?: string
    }
  /** An attempt failed in a way that may pass; Pub/Sub delivers the message again. */
  | {
      readonly state: 'retrying'
      /** Failures of this message in a row. */
      readonly failures: number
      readonly part: number
      readonly reason: string
      readonly failedAt: Date
    }
  | {readonly state: 'continuing'; readonly part: number; readonly counts: Counts}
  | {readonly state: 'over'; readonly entry: LedgerEntry; readonly attempts: number}

/**
 * @param entries everything of the run, oldest first.
 * @param publishedAt entries that ended the run before this moment are of before a replay.
 */
export function runProgressOf(entries: readonly LedgerEntry[], publishedAt = new Date(0)): RunProgress {
  const history = withoutInvalid(entries)
  const attempts = history.filter(({event}) => event === 'started').length
  // What is in flight ends by itself: a run is cancelled once it has.
  const isInFlight = history.some(entry => isOpen(entry, history))
  const over = history.findLast(
    entry =>
      isFinal(entry) && (isGood(entry) || entry.at >= publishedAt) && !(entry.event === 'cancelled' && isInFlight),
  )
  if (over !== undefined) return {state: 'over', entry: over, attempts}
  const last = history.findLast(({event, at}) => event !== 'duplicate' && event !== 'cancelled' && at >= publishedAt)
  if (last === undefined) return {state: 'waiting'}
  const {attempt, part} = last
  if (last.event === 'failed') {
    const failures = history.filter(({event, messageId}) => event === 'failed' && messageId === last.messageId).length
    return {state: 'retrying', failures, part, reason: last.error?.message ?? '', failedAt: last.at}
  }
  if (last.event === 'continued') return {state: 'continuing', part: part + 1, counts: last.counts ?? {}}
  const started = history.findLast(entry => entry.event === 'started' && entry.attempt === attempt)
  const counts = last.counts ?? history.findLast(entry => entry.counts !== undefined)?.counts ?? {}
  const trouble = last.event === 'progress' ? last.summary : undefined
  const before = lastTroubleOf(history.filter(entry => entry.at >= publishedAt))
  return {
    state: 'running',
    attempt,
    part,
    since: started?.at ?? last.at,
    counts,
    ...(trouble === undefined ? {} : {trouble}),
    ...(trouble !== undefined || before === undefined ? {} : {lastTrouble: before}),
  }
}

function lastTroubleOf(history: readonly LedgerEntry[]): string | undefined {
  const last = history.findLast(
    ({event, summary}) => event === 'failed' || (event === 'progress' && summary !== undefined),
  )
  return last?.event === 'failed' ? last.error?.message : last?.summary
}

/** An invalid message that bears the id of a run that was attempted says nothing about that run. */
function withoutInvalid(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  if (!entries.some(({attempt}) => attempt > 0)) return entries
  return entries.filter(
    ({attempt, event, error}) => !(attempt === 0 && event === 'failed' && error?.kind === 'unreadable'),
  )
}

function isGood({event}: LedgerEntry): boolean {
  return event === 'succeeded' || event === 'degraded' || event === 'skipped'
}

/** Whether an entry ends its run: a failure does when its message has become a dead letter. */
export function isFinal(entry: LedgerEntry): boolean {
  if (isGood(entry) || entry.event === 'discarded' || entry.event === 'cancelled') return true
  return entry.event === 'failed' && entry.error?.kind !== undefined
}

function isOpen({event, attempt}: LedgerEntry, history: readonly LedgerEntry[]): boolean {
  const ends = new Set(['succeeded', 'degraded', 'skipped', 'failed', 'continued', 'discarded', 'cancelled'])
  return event === 'started' && !history.some(other => other.attempt === attempt && ends.has(other.event))
}

/** Whether an entry says that an operator gave the run up; earlier releases wrote it as a failure. */
export function isDiscard({event, error}: LedgerEntry): boolean {
  return event === 'discarded' || (event === 'failed' && error?.name === 'Discarded')
}
