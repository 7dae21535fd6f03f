import type {Counts} from '../../lib/job/outcome.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toWords} from '../cli/plain-text.ts'

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
  if (isGood(entry) || entry.event === 'discarded' || entry.event === 'cancelled') return true
  return entry.event === 'failed' && entry.error?.kind !== undefined
}

/** Whether an entry says that an operator gave the run up; earlier releases wrote it as a failure. */
export function isDiscard({event, error}: LedgerEntry): boolean {
  return event === 'discarded' || (event === 'failed' && error?.name === 'Discarded')
}

/** How far a run is, in one line that ends with the seconds since it was published. */
export function describeProgress(progress: RunProgress, seconds: number): string {
  const since = `${Math.floor(seconds)} s`
  switch (progress.state) {
    case 'waiting':
      return seconds < 30
        ? `published, waiting for the function, ${since}`
        : `nothing has started yet: is the function deployed and its subscription in place? ${since}`
    case 'running': {
      const part = progress.part > 1 ? `, part ${progress.part}` : ''
      return `running, attempt ${progress.attempt}${part}${describeCounts(progress.counts, seconds)}, ${since}`
    }
    case 'retrying':
      return `attempt ${progress.attempt} failed (${progress.reason.slice(0, 80)}), Pub/Sub tries again, ${since}`
    case 'continuing':
      return `going on with part ${progress.part}${describeCounts(progress.counts, seconds)}, ${since}`
    case 'over':
      return `over, ${since}`
  }
}

/** `done` of `total` as a bar with a rate and what is left; other counts by name. */
function describeCounts(counts: Counts, seconds: number): string {
  const {done, total, ...others} = counts
  const named = Object.entries(others).map(([name, count]) => `, ${count} ${toWords(name)}`)
  if (done === undefined || total === undefined || total === 0) return named.join('')
  const share = Math.min(1, done / total)
  const bar = '█'.repeat(Math.round(share * 20)).padEnd(20, '░')
  const rate = done / Math.max(1, seconds)
  const left = rate > 0 && done < total ? `, about ${Math.ceil((total - done) / rate)} s left` : ''
  return ` ${bar} ${done} of ${total}, ${rate.toFixed(1)}/s${left}${named.join('')}`
}
