import type {Job} from '../../lib/job.ts'
import {createGcloud} from '../cloud/gcloud.ts'
import type {CommandIo} from '../command-io.ts'
import type {TargetEnvironment} from '../environments.ts'
import {sandboxFolderOf} from '../sandbox-folder.ts'
import {createCloudTriggers} from './cloud-triggers.ts'
import {createLocalTriggers} from './local-triggers.ts'
import type {Triggers} from './triggers.ts'

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
