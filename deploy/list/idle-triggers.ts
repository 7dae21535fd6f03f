import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'

/** A schedule that was fired ("Force run") although its slot was over: the message was a duplicate. */
export type IdleTrigger = {readonly job: string; readonly runId: string; readonly at: Date}

const recentMilliseconds = 86_400_000
/** Cloud Scheduler may fire twice by itself, within moments. */
const doubleFireMilliseconds = 5 * 60_000

/** The latest of each job within a day. @param entries of all runs, oldest first. */
export function findIdleTriggers(entries: readonly LedgerEntry[], now: Date): IdleTrigger[] {
  const starts = new Map<string, LedgerEntry>()
  const latest = new Map<string, IdleTrigger>()
  for (const entry of entries) {
    const {runId, job, at, event, trigger, error} = entry
    const first = starts.get(runId)
    if (first === undefined) starts.set(runId, entry)
    else if (event === 'duplicate' && trigger === 'schedule' && error?.deadLetterId === undefined) {
      const isForced = at.getTime() - first.at.getTime() > doubleFireMilliseconds
      if (isForced && now.getTime() - at.getTime() < recentMilliseconds) latest.set(job, {job, runId, at})
    }
  }
  return [...latest.values()]
}
