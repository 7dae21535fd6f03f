import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import type {Job} from '../../lib/job/job.ts'
import {deadLettersTopic, manualTopic, unroutedTopic} from '../../lib/job/job-name.ts'

/** A push subscription as it must be, in the cloud and in the sandbox alike. */
export type PushSubscription = {
  readonly name: string
  readonly topic: string
  /** Google's filter grammar, attributes only, at most 256 bytes, immutable. */
  readonly filter: string | undefined
  readonly functionName: string
  /** Last segment of the push endpoint's path, from which the framework takes the topic. */
  readonly endpointTopic: string
  readonly maxDeliveryAttempts: number
}

/** Longest that Pub/Sub waits for an answer, in seconds; above the function's own timeout. */
export const acknowledgementDeadlineSeconds = 600

/** Every topic of the project. */
export function topicsOf(jobs: readonly Job[]): string[] {
  return [...new Set([manualTopic, deadLettersTopic, ...jobs.map(job => job.topic)])].sort()
}

/**
 * One push subscription a job, and one for what is published to `manual-jobs` and is no release job's: filters would
 * let such a message vanish, since what no subscription matches counts as delivered.
 */
export function pushSubscriptionsOf(jobs: readonly Job[]): PushSubscription[] {
  const manual = jobs.filter(job => job.group === 'manual')
  const own = jobs.map(job => ({
    name: job.functionName,
    topic: job.topic,
    filter: job.group === 'manual' ? `attributes.job = "${job.name}"` : undefined,
    functionName: job.functionName,
    endpointTopic: job.topic,
    maxDeliveryAttempts: job.maxAttempts,
  }))
  const [first] = manual
  if (first === undefined) return own
  const filter = manual.map(job => `NOT attributes.job = "${job.name}"`).join(' AND ')
  if (Buffer.byteLength(filter) > 256) {
    throw new ConfigurationError([
      `the filter of ${unroutedTopic} is longer than 256 bytes: give the manual jobs shorter names`,
    ])
  }
  const unrouted = {
    name: unroutedTopic,
    topic: manualTopic,
    filter,
    functionName: first.functionName,
    endpointTopic: unroutedTopic,
    maxDeliveryAttempts: first.maxAttempts,
  }
  return [...own, unrouted]
}
