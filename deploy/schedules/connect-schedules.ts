import type {Job} from '../../lib/job/job.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {createGcloud} from '../cloud/gcloud/gcloud.ts'
import {sandboxFolderOf} from '../local/sandbox-folder.ts'
import {createCloudSchedules} from './cloud-schedules.ts'
import {createLocalSchedules} from './local-schedules.ts'
import type {Schedules} from './schedules.ts'

/** What fires the scheduled jobs of an environment. */
export function connectSchedules(options: {
  readonly jobs: readonly Job[]
  readonly environment: TargetEnvironment
  readonly io: Pick<CommandIo, 'env'>
  readonly signal: AbortSignal
}): Schedules {
  const {jobs, environment, io, signal} = options
  if (environment.name === 'local') return createLocalSchedules(jobs, sandboxFolderOf(io.env), () => new Date())
  return createCloudSchedules(jobs, createGcloud({env: {...io.env}, projectId: environment.projectId, signal}))
}
