import {styleText} from 'node:util'
import type {Job} from '../../lib/job/job.ts'
import {withoutManualCheck} from '../../lib/job/manual-check.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {formatDuration} from '../cli/duration.ts'
import {joinLines} from '../cli/plain-text.ts'
import {formatMoment, formatTable, shorten} from '../cli/table.ts'
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

/** A summary longer than this is looked up in the run itself. */
const maxSummary = 120

/** Runs, a row each. */
export function formatRunTable(
  runs: readonly RunSummary[],
  {jobs, columns}: {readonly jobs: readonly Job[]; readonly columns?: number | undefined},
): string {
  return formatTable(
    ['at (UTC)', 'run', 'outcome', 'duration', 'attempts', 'asked for by', ''],
    runs.map(run => [
      formatMoment(run.at),
      toPrintableLine(run.runId, 100),
      formatOutcome(run.outcome),
      run.durationMilliseconds === undefined ? '–' : formatDuration(run.durationMilliseconds),
      String(run.attempts),
      formatAsker(run),
      toRowText(run, jobs),
    ]),
    columns,
  )
}

/** Of what went wrong the whole cause, which stands at the end; what to check is in the run's own report. */
function toRowText({outcome, text, job: name}: RunSummary, jobs: readonly Job[]): string {
  const line = joinLines(text)
  if (outcome === 'succeeded' || outcome === 'skipped') return shorten(toPrintableLine(line, 2000), maxSummary)
  const job = jobs.find(known => known.name === name)
  return toPrintableLine(withoutManualCheck(line, job), 2000)
}

export function formatOutcome(outcome: RunOutcome): string {
  return styleText(styles[outcome], outcome)
}

/** Who asked for it, and how: a schedule has no name. */
export function formatAsker({trigger, requestedBy}: Pick<RunSummary, 'trigger' | 'requestedBy'>): string {
  return requestedBy === 'unknown' ? trigger : `${toPrintableLine(requestedBy, 60)}, ${trigger}`
}
