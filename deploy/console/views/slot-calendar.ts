import type {Job} from '../../../lib/job/job.ts'
import {slotRunId} from '../../../lib/job/run-id.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {slotsBetween} from '../../../lib/run/slot.ts'
import type {SlotLimits} from '../../runs/absent-runs.ts'
import type {ScheduleState} from '../../schedules/schedules.ts'
import type {RunRow} from '../page/base/wire.ts'
import type {SlotCalendar, SlotCell} from '../page/base/wire-views.ts'

/** A schedule's message is there within seconds; a run whose first attempt began this long after its slot was late. */
const lateMilliseconds = 5 * 60_000
/** Of one job; a page of thousands of nodes answers to nothing. */
const maxSlots = 400

type Sources = {
  readonly jobs: readonly Job[]
  /** Of all runs, missed and pending ones included. */
  readonly rows: readonly RunRow[]
  readonly runs: ReadonlyMap<string, readonly LedgerEntry[]>
  /** Undefined: the schedules could not be read. */
  readonly schedules: {readonly states: ReadonlyMap<string, ScheduleState>; readonly limits: SlotLimits} | undefined
  /** Whether the ledger, and what it lacks, could be read. */
  readonly isKnown: boolean
  readonly from: Date
  readonly to: Date
  readonly now: Date
}

/** Every slot of the scheduled jobs between two moments: whether it ran, late or in time, was missed, paused, or is to come. */
export function toSlotCalendar(sources: Sources): SlotCalendar {
  const {jobs, rows, from, to} = sources
  const byRunId = new Map(rows.map(row => [row.runId, row]))
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    jobs: jobs.flatMap(({name, schedule}) => {
      if (schedule === undefined) return []
      const slots = slotsBetween(schedule, from, to).slice(-maxSlots)
      return [{job: name, slots: slots.flatMap(slot => toCell(name, slot, byRunId, sources) ?? [])}]
    }),
  }
}

function toCell(job: string, slot: Date, byRunId: ReadonlyMap<string, RunRow>, sources: Sources): SlotCell | undefined {
  const {runs, schedules, isKnown, now} = sources
  const runId = slotRunId(job, slot)
  const row = byRunId.get(runId)
  const cell = {at: slot.toISOString(), runId, outcome: null, startedAt: null}
  if (row !== undefined && row.outcome !== 'missed') {
    const isPending = row.outcome === 'pending'
    const delay = (isPending ? now.getTime() : Date.parse(row.at)) - slot.getTime()
    // What `resume` leaves out was never late: nothing should have run.
    if (wasPaused(runs.get(runId))) return {...cell, state: 'paused', outcome: row.outcome}
    const state = delay > lateMilliseconds ? 'late' : isPending ? 'due' : 'ran'
    return {...cell, state, outcome: row.outcome, startedAt: isPending ? null : row.at}
  }
  if (slot > now) return {...cell, state: toComingState(schedules?.states.get(job))}
  if (row !== undefined) return {...cell, state: 'missed'}
  const deployedSince = schedules?.limits.deployedSince.get(job)
  if (deployedSince !== undefined && slot < deployedSince) return undefined
  const pausedSince = schedules?.limits.pausedSince.get(job)
  if (pausedSince !== undefined && slot > pausedSince) return {...cell, state: 'paused'}
  // Nothing in the ledger, and not missed: the job wasn't there yet.
  return isKnown ? undefined : {...cell, state: 'unknown'}
}

function wasPaused(history: readonly LedgerEntry[] = []): boolean {
  return history[0]?.event === 'skipped' && history[0].messageId === 'resume'
}

function toComingState(state: ScheduleState | undefined): SlotCell['state'] {
  if (state === undefined || state === 'unknown') return 'unknown'
  if (state === 'paused') return 'paused'
  return state === 'enabled' ? 'to come' : 'off'
}
