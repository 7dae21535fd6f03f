import type {Job} from '../../lib/job/job.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {createGcloud} from '../cloud/gcloud/gcloud.ts'
import {sandboxFolderOf} from '../local/sandbox-folder.ts'
import {createCloudTriggers} from './cloud-schedules.ts'
import {createLocalTriggers} from './local-schedules.ts'
import type {Triggers} from './schedules.ts'

/** What fires the scheduled jobs of an environment. */
export function connectTriggers(options: {
  readonly jobs: readonly Job[]
  readonly environment: TargetEnvironment
  readonly io: Pick<CommandIo, 'variables'>
  readonly signal: AbortSignal
}): Triggers {
  const {jobs, environment, io, signal} = options
  if (environment.name === 'local') return createLocalTriggers(jobs, sandboxFolderOf(io.variables))
  return createCloudTriggers(jobs, createGcloud({env: {...io.variables}, projectId: environment.projectId, signal}))
}
