import type {Job} from '../../lib/job/job.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {acknowledgementDeadlineSeconds} from '../catalogue/subscriptions.ts'
import {countAttempts, firstBeginning, isFirstOfAttempt} from './attempts.ts'
import {isDiscard, runProgressOf} from './run-progress.ts'

/**
 * `retrying`: an attempt failed, Pub/Sub delivers again. `abandoned`: an attempt started and never ended. `missed`: its
 * time came, and nothing happened. `pending`: its time came only just now.
 */
export type RunOutcome =
  | 'succeeded'
  | 'degraded'
  | 'skipped'
  | 'failed'
  | 'discarded'
  | 'cancelled'
  | 'running'
  | 'retrying'
  | 'continuing'
  | 'abandoned'
  | 'missed'
  | 'pending'

/** A run in one line. */
export type RunSummary = {
  readonly runId: string
  readonly job: string
  readonly outcome: RunOutcome
  /** When its first attempt started; of a missed run, its slot. */
  readonly at: Date
  /** From the first attempt, or that of the last replay, to the end; undefined while there is none. */
  readonly durationMilliseconds: number | undefined
  readonly attempts: number
  readonly parts: number
  readonly trigger: LedgerEntry['trigger']
  readonly requestedBy: string
  readonly args: Readonly<Record<string, unknown>>
  readonly text: string
  readonly deadLetterId: string | undefined
}

/** @param history every entry of one run, oldest first, at least one. */
export function summarizeRun(history: readonly LedgerEntry[], now: Date): RunSummary | undefined {
  const [first] = history
  if (first === undefined) return undefined
  // What ended the run before its last replay started counts no more.
  const attempts = history.filter(entry => isFirstOfAttempt(entry, history))
  const replay = attempts.findLast(({trigger}) => trigger === 'replay')
  const replayed = attempts.filter(({messageId}) => messageId === replay?.messageId)
  const replayedAt = firstBeginning(replayed, history)
  const at = firstBeginning(attempts, history) ?? first.at
  const {outcome, last} = endOf(history, replayedAt, now)
  // An attempt that never ended says nothing of its end.
  const end = outcome === 'running' || last?.event === 'started' ? undefined : last
  // A run that was given up ended when its last attempt did, however much later that was said.
  const isGivenUp = outcome === 'discarded' || outcome === 'cancelled'
  const own = isGivenUp ? history.findLast(({attempt, event}) => attempt > 0 && ends.has(event)) : end
  return {
    runId: first.runId,
    job: first.job,
    outcome,
    at,
    durationMilliseconds: own === undefined ? undefined : own.at.getTime() - (replayedAt ?? at).getTime(),
    attempts: countAttempts(history),
    parts: Math.max(...history.map(({part}) => part)),
    trigger: first.trigger,
    requestedBy: first.requestedBy,
    args: first.args,
    text: end?.summary ?? end?.error?.message ?? '',
    deadLetterId: isGivenUp ? undefined : end?.error?.deadLetterId,
  }
}

/** What ends an attempt. */
const ends: ReadonlySet<LedgerEntry['event']> = new Set(['succeeded', 'degraded', 'skipped', 'failed', 'continued'])

/** Runs from entries of many, by the time of their first. */
export function summarizeRuns(entries: readonly LedgerEntry[], now: Date): RunSummary[] {
  return [...Map.groupBy(entries, ({runId}) => runId).values()].flatMap(history => summarizeRun(history, now) ?? [])
}

/**
 * Ten deliveries with a backoff of 10 to 600 s take about 40 minutes: until then a run that nothing more was heard of
 * may still go on by itself, and after that Pub/Sub has moved its message to the dead letters.
 */
export const maxRetryMilliseconds = 60 * 60_000

function endOf(
  history: readonly LedgerEntry[],
  since: Date | undefined,
  now: Date,
): {outcome: RunOutcome; last: LedgerEntry | undefined} {
  const progress = runProgressOf(history, since)
  const last = history.findLast(({event}) => event !== 'duplicate' && event !== 'progress')
  switch (progress.state) {
    case 'over':
      return {outcome: toOutcome(progress.entry), last: progress.entry}
    case 'retrying':
    case 'continuing': {
      const isLost = last !== undefined && now.getTime() - last.at.getTime() > maxRetryMilliseconds
      return {outcome: isLost ? 'abandoned' : progress.state, last}
    }
    case 'running': {
      // No attempt outlives its message's acknowledgement deadline: the function's timeout is shorter.
      const isOver = now.getTime() - progress.since.getTime() > acknowledgementDeadlineSeconds * 1000
      return {outcome: isOver ? 'abandoned' : 'running', last}
    }
    case 'waiting':
      return {outcome: 'running', last}
  }
}

function toOutcome(entry: LedgerEntry): RunOutcome {
  const {event} = entry
  if (isDiscard(entry)) return 'discarded'
  if (event === 'cancelled') return event
  return event === 'succeeded' || event === 'degraded' || event === 'skipped' ? event : 'failed'
}

/** Whether a run is one that `--failed` asks for. */
export function isFailure({outcome}: RunSummary): boolean {
  return outcome === 'failed' || outcome === 'degraded' || outcome === 'abandoned' || outcome === 'missed'
}

/** Whether a run goes on by itself. */
export function isUnderWay(outcome: RunOutcome): boolean {
  return outcome === 'running' || outcome === 'retrying' || outcome === 'continuing'
}

/** A scheduled run of which the ledger has nothing. */
export function toAbsentRun(job: Job, slot: Date, runId: string, outcome: 'missed' | 'pending'): RunSummary {
  return {
    runId,
    job: job.name,
    outcome,
    at: slot,
    durationMilliseconds: undefined,
    attempts: 0,
    parts: 0,
    trigger: 'schedule',
    requestedBy: 'unknown',
    args: {},
    text: outcome === 'missed' ? 'was due, and nothing of it is in the ledger' : 'was due just now',
    deadLetterId: undefined,
  }
}
