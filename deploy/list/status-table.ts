import {styleText} from 'node:util'
import {formatAge, formatDuration} from '../cli/duration.ts'
import {formatTable} from '../cli/table.ts'
import {formatOutcome} from '../runs/run-table.ts'
import type {ScheduleState} from '../schedules/schedules.ts'
import type {JobStatus} from './job-status.ts'

const styles: Readonly<Record<ScheduleState, 'green' | 'red' | 'gray' | 'yellow'>> = {
  enabled: 'green',
  paused: 'red',
  absent: 'red',
  off: 'gray',
  unknown: 'yellow',
}

/** In a cell: does not apply. */
const none = '–'

/**
 * Jobs, a row each by their full names, with when a scheduled one fires, in words; columns that apply to none are left out.
 *
 * @param options.timeZone the operator's own. Source: ECMA-402, `Intl.DateTimeFormat().resolvedOptions().timeZone`.
 */
export function formatStatusTable(
  statuses: readonly JobStatus[],
  {now, timeZone, columns}: {readonly now: Date; readonly timeZone: string; readonly columns?: number | undefined},
): string {
  const heading = ['job', 'trigger', 'last run', 'missed', 'dead letters', 'next run', 'schedule']
  const rows = statuses.map(status => [
    status.job.functionName,
    formatSchedule(status.trigger),
    formatLast(status, now),
    formatCount(status.missed, status.job.schedule !== undefined),
    formatCount(status.deadLetters, true),
    formatNext(status, timeZone),
    status.schedule === null ? '' : styleText('gray', `${status.schedule}, UTC (${status.job.schedule})`),
  ])
  const isFilled = (_: string, column: number) => rows.some(cells => cells[column] !== '' && cells[column] !== none)
  return formatTable(
    heading.filter(isFilled),
    rows.map(cells => cells.filter(isFilled)),
    columns,
  )
}

function formatSchedule(trigger: JobStatus['trigger']): string {
  if (trigger === undefined) return '?'
  return trigger === null ? 'by hand' : styleText(styles[trigger], trigger)
}

/** In UTC and in the operator's own time: `24 Nov 08:00 UTC, 09:00 CET`. */
function formatNext({nextRunAt}: JobStatus, timeZone: string): string {
  if (nextRunAt === null) return none
  const utc = partsOf(nextRunAt, 'UTC')
  const local = partsOf(nextRunAt, timeZone)
  const here =
    local.zone === 'UTC' ? '' : `, ${local.day === utc.day ? '' : `${local.day} `}${local.time} ${local.zone}`
  return `${utc.day} ${utc.time} UTC${here}`
}

function partsOf(moment: Date, timeZone: string): {day: string; time: string; zone: string} {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', {timeZone, ...options}).formatToParts(moment)
  const zone = format({timeZoneName: 'short'}).find(({type}) => type === 'timeZoneName')?.value ?? timeZone
  const text = (options: Intl.DateTimeFormatOptions) =>
    format(options)
      .map(({value}) => value)
      .join('')
  return {
    day: text({day: 'numeric', month: 'short'}),
    time: text({hour: '2-digit', minute: '2-digit'}),
    zone,
  }
}

function formatLast({lastRun}: JobStatus, now: Date): string {
  if (lastRun === undefined) return '?'
  if (lastRun === null) return 'none'
  const {outcome, durationMilliseconds, at} = lastRun
  const took = durationMilliseconds === undefined ? '' : ` in ${formatDuration(durationMilliseconds)}`
  return `${formatOutcome(outcome)}${took}, ${formatAge(now.getTime() - at.getTime())} ago`
}

function formatCount(count: number | undefined, isCounted: boolean): string {
  if (!isCounted) return none
  if (count === undefined) return '?'
  return count === 0 ? '0' : styleText('red', String(count))
}
