import {createInterface} from 'node:readline/promises'
import {styleText} from 'node:util'
import * as z from 'zod'
import type {Job} from '../../lib/job/job.ts'
import {findJob} from '../catalogue/catalogue.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {exitCodes} from '../cli/exit-codes.ts'
import {createLiveLine} from '../cli/live-line.ts'
import type {Connection} from '../environment/connect.ts'
import {followPublished, planRun, publishRun} from '../publish/publish-run.ts'
import {formatRunReport} from '../runs/run-report.ts'
import type {ReleaseOptions} from './release-options.ts'
import {type StepName, type StepResult, stepJobs, stepNames} from './release-step.ts'
import {waitForApi} from './wait-for-api.ts'

type Scene = {
  /** Absent in a dry run that publishes nothing. */
  readonly connection: Connection | undefined
  /** Whether anything speaks for a real run: a dry run without credentials knows nothing. */
  readonly isChecked: boolean
  readonly environment: TargetEnvironment
  readonly jobs: readonly Job[]
  readonly options: ReleaseOptions
  readonly io: CommandIo
  readonly signal: AbortSignal
}

/** Makes what does one step of a release, and tells of it as it goes. */
export function createReleaseStep(scene: Scene): (step: StepName, number: number) => Promise<StepResult> {
  const {options, io, jobs} = scene
  return async (step, number) => {
    const name = stepJobs[step]
    const job = name === undefined ? undefined : findJob(jobs, name)
    if (!options.json) {
      const what = job === undefined ? 'Deploy the frontend and the API' : job.context
      io.stdout(`\n${styleText('bold', `${number} of ${stepNames.length}  ${step}`)}  ${what}`)
    }
    return job === undefined ? pause(scene, step) : runStep(scene, step, job)
  }
}

async function runStep(scene: Scene, step: StepName, job: Job): Promise<StepResult> {
  const {connection, isChecked, environment, options, io, signal} = scene
  const {dryRun, json, timeoutSeconds} = options
  if (connection === undefined || (dryRun && !hasDryRun(job))) {
    const unchecked = isChecked ? '' : '; not checked: no credentials'
    return notRun(scene, step, `would publish ${job.name} to ${job.topic}, and wait for its outcome${unchecked}`)
  }
  if (signal.aborted) return interrupted(step)
  const planned = planRun({job, environment, args: dryRun ? {dryRun: true} : {}})
  await publishRun(connection, planned)
  const followed = await followPublished(connection, planned, {timeoutSeconds, isQuiet: json, signal}, io.terminal)
  const {progress, totalMilliseconds} = followed
  if (!json) {
    if (progress.state === 'over') {
      const {entry, attempts} = progress
      const logHint = connection.logHint(planned.runId)
      io.stdout(formatRunReport(entry, {attempts, totalMilliseconds, environment, logHint, columns: io.columns}))
    } else {
      const why = signal.aborted ? 'Interrupted' : `No outcome within ${timeoutSeconds} s`
      io.stderr(`${why}: the run goes on. Follow it: npm run runs -- ${environment.name} ${planned.runId} --follow`)
    }
  }
  return {step, state: 'ran', planned, followed}
}

function notRun({options, io}: Pick<Scene, 'options' | 'io'>, step: StepName, note: string): StepResult {
  if (!options.json) io.stdout(`  ${note}`)
  return {step, state: 'not run', note}
}

/** Whether a job can say what it would do. */
function hasDryRun(job: Job): boolean {
  return 'dryRun' in job.args.shape && job.args.shape['dryRun'] instanceof z.ZodType
}

/** People deploy now. */
async function pause({options, io, signal}: Scene, step: StepName): Promise<StepResult> {
  const startedAt = performance.now()
  const done = (note: string): StepResult => {
    if (!options.json) io.stdout(`  ${note}`)
    return {step, state: 'done', note, milliseconds: performance.now() - startedAt}
  }
  if (options.dryRun) {
    const waits = {enter: 'for Enter', now: 'for nothing (--continue)', healthy: 'until the API answers'}
    return notRun({options, io}, step, `people deploy: would wait ${waits[options.pause.until]}`)
  }
  if (options.pause.until === 'now') return done('taken for done (--continue)')
  if (options.pause.until === 'enter') return (await isEnterPressed(io, signal)) ? done('confirmed') : interrupted(step)
  const {url} = options.pause
  const live = createLiveLine(io.terminal)
  const timeout = AbortSignal.timeout(Math.min(options.timeoutSeconds, 86_400) * 1000)
  let reason = 'it was not asked yet'
  const isThere = await waitForApi(url, {
    pauseMilliseconds: 2000,
    signal: AbortSignal.any([signal, timeout]),
    onTry(why) {
      reason = why
      if (!options.json) live.show(`waiting for ${url}: ${why}`)
    },
  })
  live.clear()
  if (isThere) return done(`${url} answers`)
  if (signal.aborted) return interrupted(step)
  const note = `${url} did not answer with success within ${options.timeoutSeconds} s: ${reason}`
  return {step, state: 'stopped', note, exitCode: exitCodes.failed}
}

async function isEnterPressed({stdin, terminal}: CommandIo, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({input: stdin, output: terminal})
  try {
    await lines.question('  Press Enter when both are deployed, Ctrl-C to stop here: ', {signal})
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return false
    throw error
  } finally {
    lines.close()
  }
}

function interrupted(step: StepName): StepResult {
  return {step, state: 'stopped', note: 'interrupted', exitCode: exitCodes.interrupted}
}
