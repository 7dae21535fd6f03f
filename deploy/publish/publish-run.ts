import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import type {Job} from '../../lib/job/job.ts'
import {createRunIds} from '../../lib/job/run-id.ts'
import type {OutgoingMessage} from '../../lib/run/dead-letter.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {createLiveLine} from '../cli/live-line.ts'
import type {Connection} from '../environment/connect.ts'
import {describeMissingTopic, isMissingTopic} from '../environment/missing-topic.ts'
import {operatorName} from '../environment/operator-name.ts'
import {followRun} from '../runs/follow-run.ts'
import type {RunProgress} from '../runs/run-progress.ts'

/** A run that an operator asks for. */
export type PlannedRun = {
  readonly job: Job
  readonly environment: TargetEnvironment
  readonly runId: string
  readonly args: Readonly<Record<string, unknown>>
  readonly requestedBy: string
}

export function planRun(what: Pick<PlannedRun, 'job' | 'environment' | 'args'>): PlannedRun {
  return {...what, runId: createRunIds(() => new Date())(what.job.name), requestedBy: operatorName()}
}

/** The message of a run, but for the publication's own request id. */
export function toMessage({job, runId, args, requestedBy}: PlannedRun): OutgoingMessage {
  return {
    data: Buffer.from(JSON.stringify(args)),
    attributes: {job: job.name, runId, trigger: 'manual', requestedBy},
  }
}

/**
 * @returns the message's id, which Pub/Sub gave.
 * @throws ConfigurationError if the environment doesn't have the job's topic: nothing was published.
 * @throws UnavailableError
 */
export async function publishRun({publisher}: Pick<Connection, 'publisher'>, planned: PlannedRun): Promise<string> {
  const {job, environment} = planned
  try {
    return await publisher.publish(job.topic, toMessage(planned))
  } catch (error) {
    if (!isMissingTopic(error)) throw error
    const why = describeMissingTopic(job.topic, {environment, jobName: job.name})
    throw new ConfigurationError([`${job.name} was not published, ${why}`])
  }
}

export type FollowedRun = {readonly progress: RunProgress; readonly totalMilliseconds: number}

/** Waits for the outcome of a run that was just published; the run goes on whatever ends the wait. */
export async function followPublished(
  connection: Connection,
  {runId, job, environment}: PlannedRun,
  options: {readonly timeoutSeconds: number; readonly isQuiet: boolean; readonly signal: AbortSignal},
  stderr: Parameters<typeof createLiveLine>[0],
): Promise<FollowedRun> {
  const startedAt = performance.now()
  // The run's id is new: whatever the ledger has of it is of now, and two clocks need not agree.
  const progress = await followRun({...connection, ...options, runId, job, environment, since: new Date(0)}, stderr)
  return {progress, totalMilliseconds: performance.now() - startedAt}
}
