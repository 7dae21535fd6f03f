import type {Job} from '../../../lib/job/job.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {slotsBetween} from '../../../lib/run/slot.ts'
import type {ScheduleState} from '../../schedules/schedules.ts'
import type {RunRow, Timeline} from '../page/base/wire.ts'
import {toBars} from './run-bars.ts'
import {isOpen} from './run-row.ts'

/** More than this in one window is drawn as density: a page of thousands of nodes answers to nothing. */
const maxRuns = 800
const denseColumns = 120
/** Slots drawn ahead. */
const maxUpcoming = 200

/** All runs of a window on one time axis, and the slots to come. */
export function toTimeline(options: {
  readonly jobs: readonly Job[]
  readonly rows: readonly RunRow[]
  readonly runs: ReadonlyMap<string, readonly LedgerEntry[]>
  readonly from: Date
  readonly to: Date
  readonly now: Date
  /** Undefined: unknown. */
  readonly states: ReadonlyMap<string, ScheduleState> | undefined
}): Timeline {
  const {jobs, rows, runs, from, to, now, states} = options
  const endOf = (row: RunRow) => (isOpen(row) ? now.getTime() : Date.parse(row.endedAt ?? row.at))
  const within = rows.filter(row => Date.parse(row.at) <= to.getTime() && endOf(row) >= from.getTime())
  const isDense = within.length > maxRuns
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    jobs: jobs.map(({name}) => name),
    runs: isDense ? [] : within.map(row => ({...row, bars: toBars(runs.get(row.runId) ?? [], now)})),
    upcoming: jobs
      .flatMap(({name, schedule}) =>
        schedule === undefined || !mayFire(states?.get(name))
          ? []
          : slotsBetween(schedule, now > from ? now : from, to).map(slot => ({job: name, at: slot.toISOString()})),
      )
      .slice(0, maxUpcoming),
    dense: isDense ? toDense(within, from, to) : [],
  }
}

/** What nothing fires has no slots to come. */
function mayFire(state: ScheduleState | undefined): boolean {
  return state === undefined || state === 'enabled' || state === 'unknown'
}

function toDense(rows: readonly RunRow[], from: Date, to: Date): Timeline['dense'] {
  const width = (to.getTime() - from.getTime()) / denseColumns
  const cells = new Map<string, {job: string; from: string; to: string; count: number; failed: number}>()
  for (const {job, at, outcome} of rows) {
    const column = Math.min(denseColumns - 1, Math.max(0, Math.floor((Date.parse(at) - from.getTime()) / width)))
    const start = from.getTime() + column * width
    const key = `${job} ${column}`
    const cell = cells.get(key) ?? {
      job,
      from: new Date(start).toISOString(),
      to: new Date(start + width).toISOString(),
      count: 0,
      failed: 0,
    }
    cell.count += 1
    if (outcome === 'failed' || outcome === 'abandoned' || outcome === 'missed') cell.failed += 1
    cells.set(key, cell)
  }
  return [...cells.values()]
}
