import type {Job} from '../../lib/job/job.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {reasonToSkip} from '../../lib/run/missed-slot.ts'
import {findAbsentRuns, readSlotLimits} from '../runs/absent-runs.ts'
import type {RunSummary} from '../runs/run-summary.ts'
import type {Schedules} from '../schedules/schedules.ts'

/** A slot that was missed, and what is right for it. */
export type MissedSlot = {
  readonly job: Job
  readonly slot: Date
  readonly runId: string
  /** Why it doesn't run any more; undefined: it runs. */
  readonly skipReason: string | undefined
}

/** A run that came late, so that its first entry is younger than its slot, is in the ledger as well. */
const marginMilliseconds = 86_400_000

/**
 * What was missed since a moment, oldest first.
 *
 * @throws UnavailableError where the ledger can't be read, and whatever the schedules throw: guessing would be worse.
 */
export async function findMissedSlots(options: {
  readonly jobs: readonly Job[]
  readonly ledger: Pick<RunLedger, 'since' | 'beginning'>
  readonly schedules: Pick<Schedules, 'deployedSince' | 'pausedSince'>
  readonly from: Date
  readonly now: Date
}): Promise<readonly MissedSlot[]> {
  const {jobs, ledger, schedules, from, now} = options
  const entries = await ledger.since(new Date(from.getTime() - marginMilliseconds))
  const absent = await findAbsentRuns({
    jobs,
    entries,
    ledger,
    from,
    now,
    limits: () => readSlotLimits(schedules),
  })
  return toMissedSlots(absent, jobs, now)
}

/** What is right for each of the absent runs that were missed, oldest first. */
export function toMissedSlots(
  absent: readonly Pick<RunSummary, 'runId' | 'job' | 'at' | 'outcome'>[],
  jobs: readonly Job[],
  now: Date,
): readonly MissedSlot[] {
  return absent
    .filter(({outcome}) => outcome === 'missed')
    .flatMap(({job: name, at: slot, runId}) => {
      const job = jobs.find(job => job.name === name)
      if (job?.schedule === undefined || job.missed === undefined) return []
      return [{job, slot, runId, skipReason: reasonToSkip(job.missed, job.schedule, slot, now)}]
    })
    .toSorted((a, b) => a.slot.getTime() - b.slot.getTime() || a.job.name.localeCompare(b.job.name))
}
