import type {MissedPolicy} from '../job/missed-policy.ts'
import {slotAt} from './slot.ts'

/** A slot this old isn't merely late (retries, a slow start) any more. */
const missedAfterMilliseconds = 3_600_000

/**
 * Why the slot of a run doesn't run any more; undefined where it does, and for any slot that is younger than an hour.
 * Decides for what comes late by itself as well as for what `catch-up` makes up for.
 */
export function reasonToSkip(policy: MissedPolicy, schedule: string, slot: Date, now: Date): string | undefined {
  if (policy === 'each' || now.getTime() - slot.getTime() < missedAfterMilliseconds) return undefined
  if (policy === 'today') {
    return toDay(slot) === toDay(now) ? undefined : `its day is over: ${toDay(slot)} (UTC)`
  }
  if (policy === 'latest') {
    const newest = slotAt(schedule, now)
    return newest === undefined || newest.getTime() <= slot.getTime() ? undefined : `superseded by ${toMinute(newest)}`
  }
  return `never made up for: ${policy.never}`
}

/**
 * Why a message's run doesn't run any more, since it came late: its job's policy leaves its slot out. Never for a later
 * part, whose run began in time, nor where somebody forced it.
 */
export function reasonToSkipRun(
  {missed, schedule}: {readonly missed?: MissedPolicy; readonly schedule?: string},
  {slot, part, isForced}: {readonly slot: Date | undefined; readonly part: number; readonly isForced: boolean},
  now: Date,
): string | undefined {
  if (missed === undefined || schedule === undefined || slot === undefined || part > 1 || isForced) return undefined
  return reasonToSkip(missed, schedule, slot, now)
}

/** In UTC: `2026-11-23`. */
function toDay(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}

/** In UTC: `2026-11-23T08:00Z`. */
function toMinute(moment: Date): string {
  return `${moment.toISOString().slice(0, 16)}Z`
}
