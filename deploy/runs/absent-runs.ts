import type {Job} from '../../lib/job/job.ts'
import {slotRunId} from '../../lib/job/run-id.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {slotsBetween} from '../../lib/run/slot.ts'
import type {Schedules} from '../schedules/schedules.ts'
import {maxRetryMilliseconds, type RunSummary, toAbsentRun} from './run-summary.ts'

/** Between which moments the slots of a job can have been missed, by the job's name. */
export type SlotLimits = {
  readonly deployedSince: ReadonlyMap<string, Date>
  readonly pausedSince: ReadonlyMap<string, Date>
}

/** Where the schedules don't answer: whatever the ledger lacks since its beginning counts as missed. */
export const unknownSlotLimits: SlotLimits = {deployedSince: new Map(), pausedSince: new Map()}

/** Reads what schedules say about their own slots. */
export async function readSlotLimits({
  deployedSince,
  pausedSince,
}: Pick<Schedules, 'deployedSince' | 'pausedSince'>): Promise<SlotLimits> {
  const [deployed, paused] = await Promise.all([deployedSince(), pausedSince()])
  return {deployedSince: deployed, pausedSince: paused}
}

/**
 * Scheduled runs that were due, and of which the ledger has nothing. A job misses nothing before its first deployment,
 * and nothing while its schedule is paused. Where no deployment is recorded, it misses nothing before the ledger's own
 * first entry: the service wasn't there yet.
 *
 * @param options.entries everything in the ledger from a day before `from` on, oldest first, of all jobs.
 * @param options.limits asked only where a slot is absent.
 * @throws UnavailableError if the ledger's beginning is needed and can't be read.
 */
export async function findAbsentRuns(options: {
  readonly jobs: readonly Job[]
  readonly entries: readonly LedgerEntry[]
  readonly ledger: Pick<RunLedger, 'beginning'>
  readonly from: Date
  readonly now: Date
  readonly limits: () => Promise<SlotLimits>
}): Promise<RunSummary[]> {
  const {jobs, entries, ledger, from, now} = options
  const known = new Set(entries.map(({runId}) => runId))
  const absent = jobs.flatMap(job => {
    const slots = job.schedule === undefined ? [] : slotsBetween(job.schedule, from, now)
    return slots.flatMap(slot => {
      const runId = slotRunId(job.name, slot)
      const isPending = now.getTime() - slot.getTime() < maxRetryMilliseconds
      return known.has(runId) ? [] : [toAbsentRun(job, slot, runId, isPending ? 'pending' : 'missed')]
    })
  })
  if (absent.length === 0) return []
  const {deployedSince, pausedSince} = await options.limits()
  const unpaused = absent.filter(({job, at}) => at <= (pausedSince.get(job) ?? now))
  const undated = unpaused.filter(({job}) => !deployedSince.has(job))
  const beginning = undated.length === 0 ? now : await beginningOf(ledger, entries, undated)
  return unpaused.filter(({job, at}) => at >= (deployedSince.get(job) ?? beginning ?? now))
}

/** Asks only where the entries at hand leave it open. */
async function beginningOf(
  ledger: Pick<RunLedger, 'beginning'>,
  entries: readonly LedgerEntry[],
  absent: readonly RunSummary[],
): Promise<Date | undefined> {
  const first = entries[0]?.at
  if (first !== undefined && absent.every(({at}) => at >= first)) return first
  return ledger.beginning()
}
