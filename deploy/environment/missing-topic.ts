import * as z from 'zod'
import type {TargetEnvironment} from '../catalogue/environments.ts'

const notFoundSchema = z.object({cause: z.object({code: z.literal(5)})})

/** Whether Pub/Sub answered, by gRPC's code, that there is no such topic. */
export function isMissingTopic(error: unknown): boolean {
  return notFoundSchema.safeParse(error).success
}

/** What the answer means for an operator. Pub/Sub's own text adds nothing to it. */
export function describeMissingTopic(
  topic: string,
  {environment, jobName}: {readonly environment: TargetEnvironment; readonly jobName: string | undefined},
): string {
  const only = jobName === undefined ? '' : ` --only ${jobName}`
  const fix =
    environment.name === 'local'
      ? 'the sandbox was started before this job was declared: end the sandbox and start it again'
      : `deploy the job first: npm run deploy -- ${environment.name}${only}`
  return `${environment.projectId} has no topic ${topic}; ${fix}`
}
