import {styleText} from 'node:util'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {formatDuration} from '../cli/duration.ts'
import {formatMoment, formatTable} from '../cli/table.ts'
import type {RunOutcome, RunSummary} from './run-summary.ts'

const styles: Readonly<Record<RunOutcome, 'green' | 'cyan' | 'yellow' | 'red' | 'gray'>> = {
  succeeded: 'green',
  skipped: 'cyan',
  degraded: 'yellow',
  failed: 'red',
  running: 'cyan',
  retrying: 'yellow',
  continuing: 'cyan',
  abandoned: 'red',
  discarded: 'gray',
  cancelled: 'gray',
  missed: 'red',
  pending: 'gray',
}

/** Runs, a row each. */
export function formatRunTable(runs: readonly RunSummary[], columns?: number | undefined): string {
  return formatTable(
    ['at (UTC)', 'run', 'outcome', 'duration', 'attempts', 'asked for by', ''],
    runs.map(run => [
      formatMoment(run.at),
      toPrintableLine(run.runId, 100),
      formatOutcome(run.outcome),
      run.durationMilliseconds === undefined ? '–' : formatDuration(run.durationMilliseconds),
      String(run.attempts),
      formatAsker(run),
      toPrintableLine(run.text, 2000),
    ]),
    columns,
  )
}

export function formatOutcome(outcome: RunOutcome): string {
  return styleText(styles[outcome], outcome)
}

/** Who asked for it, and how: a schedule has no name. */
export function formatAsker({trigger, requestedBy}: Pick<RunSummary, 'trigger' | 'requestedBy'>): string {
  return requestedBy === 'unknown' ? trigger : `${toPrintableLine(requestedBy, 60)}, ${trigger}`
}
