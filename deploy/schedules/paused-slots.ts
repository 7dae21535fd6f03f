import type {Job} from '../../lib/job/job.ts'
import {slotRunId} from '../../lib/job/run-id.ts'
import {claimAndWait} from '../../lib/ledger/claim-and-wait.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {slotsBetween} from '../../lib/run/slot.ts'
import {toSkipEntry} from './skip-entry.ts'

export type PausedSlot = {readonly job: Job; readonly slot: Date; readonly runId: string}

/** The ledger remembers no longer. */
const maxDays = 400

/**
 * Slots that were due while a schedule was paused. Where it isn't known since when, there are none: a schedule that never
 * fired may have been deployed paused.
 */
export function findPausedSlots(
  jobs: readonly Job[],
  known: {readonly pausedSince: ReadonlyMap<string, Date>; readonly deployedSince: ReadonlyMap<string, Date>},
  now: Date,
): PausedSlot[] {
  const oldest = now.getTime() - maxDays * 86_400_000
  return jobs.flatMap(job => {
    const {name, schedule} = job
    const paused = known.pausedSince.get(name)?.getTime() ?? 0
    const deployed = known.deployedSince.get(name)?.getTime() ?? 0
    const since = Math.max(paused, deployed)
    if (schedule === undefined || since === 0) return []
    // The moment itself is that of the last slot that fired.
    const slots = slotsBetween(schedule, new Date(Math.max(since + 1, oldest)), now)
    return slots.map(slot => ({job, slot, runId: slotRunId(name, slot)}))
  })
}

/**
 * Records them as skipped, so that a schedule which fires again has missed none of them.
 *
 * @returns how many; one that somebody ran by hand under its slot's id is left as it is.
 * @throws UnavailableError if the ledger can't be written.
 */
export async function skipPausedSlots(
  ledger: Pick<RunLedger, 'claim'>,
  slots: readonly PausedSlot[],
  about: {readonly requestedBy: string; readonly at: Date},
): Promise<number> {
  let skipped = 0
  for (const slot of slots) {
    const entry = toSkipEntry(slot, 'its schedule was paused', {...about, command: 'resume'})
    if (await claimAndWait(ledger, entry)) skipped += 1
  }
  return skipped
}
