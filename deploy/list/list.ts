import {styleText} from 'node:util'
import {plural} from '../../lib/log/plural.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {browserHint} from '../cli/browser-hint.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {wrapText} from '../cli/table.ts'
import {parseReportOptions, type ReportOptions} from '../environment/report-options.ts'
import {type Session, withSession} from '../environment/session.ts'
import {connectSchedules} from '../schedules/connect-schedules.ts'
import type {StatusList} from './find-status.ts'
import type {JobStatus} from './job-status.ts'
import {formatNeeds, notesOf} from './needs.ts'

/** Sources that the list comes from: with none of them there is nothing to show. */
const sourceCount = 3

const about = {
  command: 'list',
  description: 'Every job: its schedule, its next and last runs, what it missed, its dead letters.',
  help: 'Exit codes: 0 everything was read, 1 nothing could be read, 2 wrong usage, 3 a part is unknown.',
}

/** `npm run list`: every job, and how it is. */
export function runList(
  argv: readonly string[],
  io: CommandIo,
  signal: AbortSignal,
  connect: typeof connectSchedules = connectSchedules,
): Promise<ExitCode> {
  const act = async (session: Session, options: ReportOptions) => {
    const schedules = connect(session)
    const {findStatus} = await import('./find-status.ts')
    const list = await findStatus({...session, schedules})
    if (options.json) io.stdout(JSON.stringify(statusToJson(list, session.environment, session.now()), orNull))
    else io.stdout(await formatStatus(list, session))
    if (list.unknown.length === 0) return exitCodes.done
    return list.unknown.length === sourceCount ? exitCodes.failed : exitCodes.partial
  }
  return withSession(argv, {io, signal}, {parse: words => parseReportOptions(words, about), act})
}

/** What `list --json` prints. */
export function statusToJson(
  {unknown, isComplete, otherDeadLetters, idleTriggers, jobs, problems}: StatusList,
  {name, projectId}: TargetEnvironment,
  now: Date,
): Record<string, unknown> {
  return {
    environment: name,
    project: projectId,
    at: now,
    jobs: jobs.map(toJson),
    problems: problems.flatMap(({run: {runId, job, text}, reason, settledBy}) =>
      settledBy === undefined ? [{runId, job, reason, text}] : [],
    ),
    otherDeadLetters,
    isComplete,
    idleTriggers,
    unknown,
  }
}

async function formatStatus(list: StatusList, {io, environment, now}: Session): Promise<string> {
  const {formatStatusTable} = await import('./status-table.ts')
  const {timeZone} = Intl.DateTimeFormat().resolvedOptions()
  const notes = notesOf(list, environment.name).flatMap(line => wrapText(line, io.columns))
  return [
    styleText('bold', `${plural(list.jobs.length, 'job')} in ${environment.name} (${environment.projectId})`),
    formatStatusTable(list.jobs, {now: now(), timeZone, columns: io.columns}),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    '',
    ...formatNeeds(list, environment.name, io.columns),
    browserHint(environment.name, '/', io.columns),
  ].join('\n')
}

function toJson({job, lastRun, ...status}: JobStatus): Record<string, unknown> {
  const {name, functionName, schedule, summary} = job
  return {...status, job: name, functionName, summary, cron: schedule ?? null, lastRun: lastRun ?? null}
}

/** The same keys whatever is known. */
function orNull(_: string, value: unknown): unknown {
  return value ?? null
}
