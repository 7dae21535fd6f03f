import {styleText} from 'node:util'
import {commandNames, type Job} from '../../lib/job/job.ts'
import {jobOfRunId} from '../../lib/job/run-id.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {plural} from '../../lib/log/plural.ts'
import {findJob} from '../catalogue/catalogue.ts'
import {browserHint} from '../cli/browser-hint.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {type Session, withSession} from '../environment/session.ts'
import {connectSchedules} from '../schedules/connect-schedules.ts'
import {findAbsentRuns, readSlotLimits, type SlotLimits, unknownSlotLimits} from './absent-runs.ts'
import {followRun} from './follow-run.ts'
import {formatRun} from './run-detail.ts'
import {exitCodeOf} from './run-report.ts'
import {formatStats, toStats} from './run-stats.ts'
import {isFailure, type RunSummary, summarizeRun, summarizeRuns} from './run-summary.ts'
import {formatRunTable} from './run-table.ts'
import {parseRunsOptions, type RunsOptions} from './runs-options.ts'
import {causesOfSilence} from './silent-run.ts'

/** Runs that began this much before the period may have ended in it. */
const maxRunMilliseconds = 86_400_000

/** `npm run runs`: what ran, and what should have. */
export function runRuns(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  return withSession(
    argv,
    {io, signal},
    {
      parse: parseRunsOptions,
      // A run that is waited for must be delivered.
      readOnly: ({follow}) => !follow,
      act: (session, options) =>
        options.runId === undefined ? list(session, options) : show(session, {...options, runId: options.runId}),
    },
  )
}

async function list(session: Session, options: RunsOptions): Promise<ExitCode> {
  const {io, environment, jobs, ledger} = session
  const now = session.now()
  const from = new Date(now.getTime() - options.sinceSeconds * 1000)
  const entries = await ledger.since(new Date(from.getTime() - maxRunMilliseconds))
  const inPeriod = new Set(entries.flatMap(({at, runId}) => (at >= from ? [runId] : [])))
  const ran = summarizeRuns(entries, now).filter(({runId}) => inPeriod.has(runId))
  const job = options.job === undefined ? undefined : toJobName(options.job, jobs, ran)
  const limits = async (): Promise<SlotLimits> => {
    try {
      return await readSlotLimits(connectSchedules(session))
    } catch (error) {
      session.signal.throwIfAborted()
      io.stderr(`What was paused, and since when jobs are deployed, is unknown: ${toMessageText(error)}`)
      return unknownSlotLimits
    }
  }
  const absent = await findAbsentRuns({jobs, entries, ledger, from, now, limits})
  const runs = [...ran, ...absent]
    .filter(run => (job === undefined || run.job === job) && (!options.onlyFailed || isFailure(run)))
    .toSorted((a, b) => a.at.getTime() - b.at.getTime() || a.runId.localeCompare(b.runId))
  const missed = runs.filter(({outcome}) => outcome === 'missed').length
  if (options.stats) {
    const stats = toStats(runs)
    if (options.json)
      io.stdout(toJson({environment: environment.name, project: environment.projectId, since: from, stats}))
    else if (stats.length > 0) io.stdout(formatStats(stats, io.columns))
    else io.stdout(`No runs in ${environment.name} (${environment.projectId}) in that time.`)
    return options.check && missed > 0 ? exitCodes.failed : exitCodes.done
  }
  if (options.json) {
    const {name, projectId} = environment
    io.stdout(toJson({environment: name, project: projectId, since: from, missed, runs}))
  } else if (runs.length === 0) {
    io.stdout(
      `No ${options.onlyFailed ? 'failed, degraded, abandoned or missed ' : ''}runs in ${environment.name} (${environment.projectId}) in that time.`,
    )
  } else {
    io.stdout(formatRunTable(runs, {jobs, columns: io.columns}))
    if (missed > 0) {
      const what = plural(missed, 'scheduled run was missed', 'scheduled runs were missed')
      const why =
        environment.name === 'local'
          ? 'the sandbox fires them only while `npm run local -- --schedule` is up'
          : 'the scheduler or the function was out of order, see the dead letters too'
      io.stdout(`\n${styleText('red', what)}: ${why}.\nMake up for it: npm run catch-up -- ${environment.name}`)
    }
    io.stdout(`\nDetails: npm run runs -- ${environment.name} <run id>`)
  }
  if (!options.json) io.stdout(browserHint(environment.name, '/runs', io.columns))
  return options.check && missed > 0 ? exitCodes.failed : exitCodes.done
}

/** Runs of a job that was removed since are still there. @throws UsageError for a name that is neither. */
function toJobName(name: string, jobs: readonly Job[], ran: readonly RunSummary[]): string {
  const isDeclared = jobs.some(job => commandNames(job).includes(name))
  return !isDeclared && ran.some(({job}) => job === name) ? name : findJob(jobs, name).name
}

async function show(
  session: Session,
  {runId, follow, json}: Pick<RunsOptions, 'follow' | 'json'> & {readonly runId: string},
): Promise<ExitCode> {
  const {io, environment, jobs, ledger, logHint} = session
  const end = follow ? await waitForEnd(session, runId, json) : undefined
  const history = await ledger.history(runId)
  const summary = summarizeRun(history, session.now())
  if (summary === undefined) {
    const causes = [
      `its id may be mistyped, or it was not published: npm run runs -- ${environment.name}`,
      ...causesOfSilence(environment.name, runId),
    ]
    io.stderr(
      [`The run ledger of ${environment.name} has nothing of ${runId}. Possible causes:`, ...causes].join('\n  '),
    )
    return exitCodes.failed
  }
  if (json) {
    io.stdout(toJson({environment: environment.name, project: environment.projectId, ...summary, history}))
    return end ?? exitCodes.done
  }
  const job = jobs.find(({name}) => name === summary.job)
  io.stdout(formatRun(summary, history, {job, environment, logHint, columns: io.columns}))
  io.stdout(browserHint(environment.name, `/runs/${runId}`, io.columns))
  return end ?? exitCodes.done
}

/** With a live line, for as long as it takes: Ctrl-C ends the wait. @returns what `publish` would have ended with. */
async function waitForEnd(session: Session, runId: string, isQuiet: boolean): Promise<ExitCode> {
  const {io, jobs, signal} = session
  const job = jobs.find(({name}) => name === jobOfRunId(runId))
  const following = {...session, job, runId, isQuiet, since: new Date(0), timeoutSeconds: Number.POSITIVE_INFINITY}
  const progress = await followRun(following, io.terminal)
  signal.throwIfAborted()
  return progress.state === 'over' ? exitCodeOf(progress.entry) : exitCodes.failed
}

/** The same keys whatever is known. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => inner ?? null)
}
