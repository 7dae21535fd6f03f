import {styleText} from 'node:util'
import {plural} from '../../lib/log/plural.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {formatMoment, wrapText} from '../cli/table.ts'
import {problemDays} from '../runs/open-problems.ts'
import type {RunSummary} from '../runs/run-summary.ts'
import type {StatusList} from './find-status.ts'
import type {JobStatus} from './job-status.ts'

/** What the table can't say, and needs no action. */
export function notesOf({jobs, idleTriggers, days}: StatusList, env: string): string[] {
  const lines = [
    jobs.some(({trigger}) => trigger === 'off') &&
      'Off: the sandbox fires schedules only while `npm run local -- --schedule` is running.',
    jobs.some(({lastRun}) => lastRun === null) && `None: no run in the last ${days} days.`,
    ...idleTriggers.map(
      ({job, runId, at}) =>
        `${job} was triggered again at ${formatMoment(at)} UTC and did nothing: ${runId} is over. To run it by hand: npm run publish -- ${job} ${env}`,
    ),
  ]
  return lines.filter(line => line !== false)
}

/** What needs the operator, each with what to do; the last lines of the list. */
export function formatNeeds(list: StatusList, env: string, columns: number | undefined): string[] {
  const needs = needsOf(list, env)
  if (needs.length === 0) return [styleText('green', 'Nothing needs you.')]
  const [first = ''] = needs
  if (needs.length === 1) return wrapText(`${styleText('bold', '1 thing needs you:')} ${first}`, columns)
  return [
    styleText('bold', `${needs.length} things need you:`),
    ...needs.flatMap(need => wrapText(need, columns, '  ').map((line, index) => (index === 0 ? line : `  ${line}`))),
  ]
}

const problemStyles = {failed: 'red', stuck: 'red', degraded: 'yellow'} as const

/** A line for each job and reason, about its latest run. Missed slots, and failures with a dead letter, have their own. */
function describeProblems(problems: StatusList['problems'], env: string): string[] {
  const open = problems.flatMap(({run, reason, settledBy, hasDeadLetter}) =>
    reason === 'missed' || settledBy !== undefined || hasDeadLetter ? [] : [{run, reason}],
  )
  return [...Map.groupBy(open, ({run, reason}) => `${reason} ${run.job}`).values()].flatMap(alike => {
    const latest = alike.toSorted((a, b) => b.run.at.getTime() - a.run.at.getTime())[0]
    if (latest === undefined) return []
    const {run, reason} = latest
    const others = `npm run runs -- ${env} --failed --since ${problemDays}d --job ${run.job}`
    const more = alike.length === 1 ? '' : ` (and ${alike.length - 1} more: ${others})`
    return [`${styleText(problemStyles[reason], reason)}: ${run.job}, ${describeRun(run, env)}${more}`]
  })
}

/** How it ended; then the command that its summary ends with, or the one that shows all of it. */
function describeRun({runId, outcome, text}: RunSummary, env: string): string {
  const [what = '', ...others] = text.split('\n')
  const command = others.find(line => line.includes('npm run '))
  const how = toPrintableLine(what, 300) || 'its end is unknown'
  if (command !== undefined) return `${how} ${toPrintableLine(command, 3000)}`
  return `${outcome === 'retrying' ? 'retrying for long: ' : ''}${how}: npm run runs -- ${env} ${toPrintableLine(runId, 200)}`
}

function needsOf(list: StatusList, env: string): string[] {
  const {jobs, unknown, otherDeadLetters = 0, incomplete} = list
  const named = (isMeant: (status: JobStatus) => boolean) =>
    jobs
      .filter(isMeant)
      .map(({job}) => job.name)
      .join(', ')
  const inState = (state: JobStatus['trigger']) => named(({trigger}) => trigger === state)
  const deadLetters = otherDeadLetters + jobs.reduce((sum, status) => sum + (status.deadLetters ?? 0), 0)
  const missed = named(status => (status.missed ?? 0) > 0)
  const ofNoJob = otherDeadLetters === 0 ? '' : `, ${otherDeadLetters} of no job in this project`
  const lines = [
    deadLetters > 0 &&
      `${styleText('red', `${plural(deadLetters, 'dead letter')} to review`)}${ofNoJob}: npm run dead-letters -- ${env}`,
    missed !== '' && `${styleText('red', 'missed runs')} of ${missed}: npm run catch-up -- ${env}`,
    ...describeProblems(list.problems, env),
    inState('paused') !== '' &&
      `${styleText('red', 'paused')}: ${inState('paused')}. To resume: npm run resume -- ${env} <job>`,
    inState('absent') !== '' &&
      `${styleText('red', 'no trigger')}: ${inState('absent')}. To create it: npm run deploy -- ${env}`,
    inState('unknown') !== '' &&
      `${styleText('yellow', 'out of order')}: the trigger of ${inState('unknown')}: npm run doctor -- ${env}`,
    incomplete !== undefined && `${styleText('yellow', 'dead letters may be hidden')}. ${incomplete}`,
    ...unknown.map(({what, reason}) => `${styleText('yellow', `unknown, the ${what}`)}: ${reason}`),
  ]
  return lines.filter(line => line !== false)
}
