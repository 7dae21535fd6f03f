import {toPrintableLine} from '../../lib/log/printable.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {formatDuration} from '../cli/duration.ts'
import {joinLines, toWords} from '../cli/plain-text.ts'
import {publishResult} from '../publish/publish-result.ts'
import type {ReleaseOptions} from './release-options.ts'
import {exitCodeOfStep, type StepName, type StepResult, stepNames} from './release-step.ts'
import {resumeCommand} from './resume-command.ts'

type Release = {
  readonly environment: TargetEnvironment
  readonly by: string
  readonly startedAt: Date
  readonly options: ReleaseOptions
  readonly results: readonly StepResult[]
}

const titles: Readonly<Record<StepName, string>> = {
  migrate: 'migrate',
  deploy: 'deploy frontend and API',
  bootstrap: 'bootstrap',
  'org-sync-all': 'org-sync-all',
}

/** Markdown for a release ticket: what was done, by whom, with which outcome, and how to go on. */
export function formatRelease({environment, by, startedAt, options, results}: Release): string {
  const {name, projectId} = environment
  const at = startedAt.toISOString().slice(0, 16).replace('T', ' ')
  return [
    `## ${options.dryRun ? 'Dry run of a release' : 'Release'} to ${name} (${projectId}), ${at} UTC, by ${by}`,
    '',
    '| Step | Outcome | Took | What | Run |',
    '| --- | --- | --- | --- | --- |',
    ...results.map(result => `| ${rowOf(result).map(toCell).join(' | ')} |`),
    ...(options.dryRun && name !== 'local' ? ['', notAsked(environment)] : []),
    ...goOn(results, from => resumeCommand(options, name, from), name),
  ].join('\n')
}

function notAsked({name, projectId}: TargetEnvironment): string {
  return `Nothing was asked of ${projectId}. Whether a run has what it needs: npm run doctor -- ${name}`
}

function rowOf(result: StepResult): string[] {
  const title = titles[result.step]
  switch (result.state) {
    case 'left out':
    case 'not begun':
      return [title, result.state, '', '', '']
    case 'done':
      return [title, '✔ done', formatDuration(result.milliseconds), result.note, '']
    case 'not run':
      return [title, 'not run', '', result.note, '']
    case 'stopped':
      return [title, '✖ stopped', '', result.note, '']
    case 'ran': {
      const {planned, followed} = result
      const {progress, totalMilliseconds} = followed
      const took = formatDuration(totalMilliseconds)
      if (progress.state !== 'over') return [title, '✖ no outcome yet', took, 'the run goes on', planned.runId]
      const {event, summary, error, counts = {}} = progress.entry
      const mark = {succeeded: '✔', skipped: '✔', degraded: '!'}[String(event)] ?? '✖'
      const numbers = Object.entries(counts).map(([key, count]) => `${toWords(key)} ${count}`)
      const text = [error?.kind === undefined ? summary : error.message, numbers.join(', ')].filter(Boolean).join('; ')
      return [title, `${mark} ${event}`, took, text, planned.runId]
    }
  }
}

/**
 * What stopped it may be fixed in two ways: by a run of its own, or by a replay of the one that failed. A run that goes on
 * is followed, never started a second time.
 */
function goOn(results: readonly StepResult[], resume: (from: StepName) => string, env: string): string[] {
  const stopped = results.find(result => exitCodeOfStep(result) !== 0)
  if (stopped === undefined) return []
  const next = stepNames[stepNames.indexOf(stopped.step) + 1]
  const {progress} = stopped.state === 'ran' ? stopped.followed : {}
  if (stopped.state === 'ran' && progress?.state !== 'over') {
    return [
      '',
      `Follow that run:                   npm run runs -- ${env} ${stopped.planned.runId} --follow`,
      next === undefined
        ? `Once it has succeeded, the release is done: ${stopped.step} is its last step.`
        : `Once it has succeeded, go on with: ${resume(next)}`,
    ]
  }
  const deadLetter = progress?.state === 'over' ? progress.entry.error?.deadLetterId : undefined
  return [
    '',
    `Fix this, then resume with: ${resume(stopped.step)}`,
    ...(deadLetter === undefined ? [] : [`Or replay what failed:     npm run replay -- ${env} ${deadLetter}`]),
    ...(next === undefined || stopped.step === 'deploy' ? [] : [`… and then:                ${resume(next)}`]),
  ]
}

/** What an API said may hold a pipe, or a line's end. */
function toCell(text: string): string {
  return toPrintableLine(joinLines(text), 300).replaceAll('|', '\\|')
}

/** The release as data. */
export function releaseToJson({environment, by, startedAt, options, results}: Release): Record<string, unknown> {
  const steps = results.map(result => {
    const {step, state} = result
    if (result.state !== 'ran') return {step, state, ...('note' in result ? {note: result.note} : {}), run: null}
    const {planned, followed} = result
    const {progress, totalMilliseconds} = followed
    const end = progress.state === 'over' ? {entry: progress.entry, attempts: progress.attempts, totalMilliseconds} : {}
    return {step, state, run: publishResult({...planned, ...end})}
  })
  return {environment: environment.name, project: environment.projectId, by, startedAt, dryRun: options.dryRun, steps}
}
