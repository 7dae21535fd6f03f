import {styleText} from 'node:util'
import type {Job} from '../../lib/job/job.ts'
import {withoutManualCheck} from '../../lib/job/manual-check.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {alignRows} from '../cli/align-rows.ts'
import {formatHistory} from './history-table.ts'
import {isFinal, runProgressOf} from './run-progress.ts'
import {formatRunReport} from './run-report.ts'
import {isUnderWay, type RunSummary} from './run-summary.ts'
import {formatAsker, formatOutcome} from './run-table.ts'
import {lastFailureText} from './short-reason.ts'

/** Everything about one run: who asked for what, each attempt, and how it ended. */
export function formatRun(
  run: RunSummary,
  history: readonly LedgerEntry[],
  about: {
    readonly job: Job | undefined
    readonly environment: TargetEnvironment
    readonly logHint: (runId: string) => string
    readonly columns?: number | undefined
  },
): string {
  const {job, environment, logHint} = about
  const args = JSON.stringify(history[0]?.args ?? {})
  const end = isOver(run) ? history.findLast(isFinal) : undefined
  const rows: [string, string][] = [
    ['job', job === undefined ? toPrintableLine(run.job) : `${job.name}: ${job.summary}`],
    ['environment', `${environment.name} (${environment.projectId})`],
    ['asked for by', formatAsker(run)],
    ['arguments', toPrintableLine(args, 500)],
    ...(run.parts > 1 ? [['parts', String(run.parts)] satisfies [string, string]] : []),
    ['version', toPrintableLine(history.at(-1)?.version ?? '')],
  ]
  const report =
    end === undefined
      ? formatOpen(run, history, {environment, logHint: logHint(run.runId)})
      : formatRunReport(end, {
          attempts: run.attempts,
          totalMilliseconds: run.durationMilliseconds ?? 0,
          environment,
          logHint: logHint(run.runId),
          columns: about.columns,
        })
  return [
    styleText('bold', toPrintableLine(run.runId)),
    ...alignRows(rows, about.columns),
    '',
    // What to check stands once, in the report below.
    formatHistory(history, {
      columns: about.columns,
      brief: text => (end === undefined ? text : withoutManualCheck(text, job)),
    }),
    '',
    report,
  ].join('\n')
}

/** A run without an outcome of its own: what is known of it, and what to do unless a person has given it up. */
function formatOpen(
  {runId, outcome, text}: RunSummary,
  history: readonly LedgerEntry[],
  {environment: {name}, logHint}: {readonly environment: TargetEnvironment; readonly logHint: string},
): string {
  const state = `${formatOutcome(outcome)}${text === '' ? '' : `: ${toPrintableLine(text)}`}`
  if (outcome === 'discarded' || outcome === 'cancelled') return state
  const progress = runProgressOf(history)
  const [failure] = progress.state === 'running' ? lastFailureText(progress.trouble ?? progress.lastTrouble) : []
  const steps: [string, string][] = [
    ...(isUnderWay(outcome)
      ? [['follow', `npm run runs -- ${name} ${runId} --follow`] satisfies [string, string]]
      : []),
    ['causes', `npm run doctor -- ${name}`],
    ['logs', logHint],
    ['cancel', `npm run cancel -- ${name} ${runId}`],
  ]
  const known = failure === undefined ? state : `${state}. ${failure}`
  return [known, '', styleText('bold', 'What now'), ...alignRows(steps)].join('\n')
}

function isOver({outcome}: RunSummary): boolean {
  return outcome === 'succeeded' || outcome === 'degraded' || outcome === 'skipped' || outcome === 'failed'
}
