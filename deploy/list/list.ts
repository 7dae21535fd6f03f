import {styleText} from 'node:util'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {type Session, withSession} from '../environment/session.ts'
import {connectSchedules} from '../schedules/connect-schedules.ts'
import type {StatusList} from './find-status.ts'
import type {JobStatus} from './job-status.ts'
import {type ListOptions, parseListOptions} from './list-options.ts'

/** Sources that the list comes from: with none of them there is nothing to show. */
const sourceCount = 3

/** `npm run list`: every job, and how it is. */
export function runList(
  argv: readonly string[],
  io: CommandIo,
  signal: AbortSignal,
  connect: typeof connectSchedules = connectSchedules,
): Promise<ExitCode> {
  const act = async (session: Session, options: ListOptions) => {
    const schedules = connect(session)
    const {findStatus} = await import('./find-status.ts')
    const list = await findStatus({...session, schedules})
    await show(session, options, list)
    if (list.unknown.length === 0) return exitCodes.done
    return list.unknown.length === sourceCount ? exitCodes.failed : exitCodes.partial
  }
  return withSession(argv, {io, signal}, {parse: parseListOptions, act})
}

async function show({io, environment, now}: Session, {json}: ListOptions, list: StatusList): Promise<void> {
  if (json) {
    const {name, projectId} = environment
    const {unknown, isComplete, otherDeadLetters} = list
    const jobs = list.jobs.map(toJson)
    io.stdout(
      JSON.stringify(
        {environment: name, project: projectId, at: now(), jobs, otherDeadLetters, isComplete, unknown},
        orNull,
      ),
    )
    return
  }
  const {formatStatusTable} = await import('./status-table.ts')
  const {timeZone} = Intl.DateTimeFormat().resolvedOptions()
  io.stdout(
    [
      styleText('bold', `${list.jobs.length} jobs in ${environment.name} (${environment.projectId})`),
      formatStatusTable(list.jobs, {now: now(), timeZone}),
      ...remarks(list, environment.name),
    ].join('\n'),
  )
}

/** What the table can't say, each with what to do. */
function remarks(list: StatusList, env: string): string[] {
  const {jobs, unknown, otherDeadLetters = 0, isComplete, days} = list
  const named = (state: JobStatus['trigger']) =>
    jobs
      .filter(({trigger}) => trigger === state)
      .map(({job}) => job.name)
      .join(', ')
  const lines = [
    named('paused') &&
      `${styleText('red', 'Paused')}: ${named('paused')}. Let them fire again: npm run resume -- ${env} <job>`,
    named('absent') && `${styleText('red', 'No trigger')}: ${named('absent')}. Make it: npm run deploy -- ${env}`,
    named('unknown') &&
      `${styleText('yellow', 'Out of order')}: the trigger of ${named('unknown')}. Look: npm run doctor -- ${env}`,
    named('off') && 'Off: the sandbox fires schedules only while `npm run local -- --schedule` is up.',
    jobs.some(({missed = 0}) => missed > 0) &&
      `${styleText('red', 'Missed')}: see which, and make up for them: npm run catch-up -- ${env}`,
    jobs.some(({lastRun}) => lastRun === null) && `None: no run in the last ${days} days.`,
    (otherDeadLetters > 0 || jobs.some(({deadLetters = 0}) => deadLetters > 0)) &&
      `Dead letters wait: npm run dead-letters -- ${env}`,
    otherDeadLetters > 0 && `${styleText('red', String(otherDeadLetters))} of them belong to no job of this project.`,
    !isComplete && 'There are more dead letters than one command reads.',
    ...unknown.map(({what, reason}) => `${styleText('yellow', `Unknown, the ${what}`)}: ${reason}`),
  ].filter(line => typeof line === 'string' && line !== '')
  return lines.length === 0 ? [] : ['', ...lines.map(String)]
}

function toJson({job, lastRun, ...status}: JobStatus): Record<string, unknown> {
  const {name, functionName, schedule, summary} = job
  return {
    ...status,
    job: name,
    functionName,
    summary,
    cron: schedule ?? null,
    lastRun: lastRun ?? null,
  }
}

/** The same keys whatever is known. */
function orNull(_: string, value: unknown): unknown {
  return value ?? null
}
