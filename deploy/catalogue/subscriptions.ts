import {commandNames, type Job} from '../../lib/job/job.ts'
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

/** Every topic of these jobs, and that of the dead letters. */
export function topicsOf(jobs: readonly Job[]): string[] {
  return [...new Set([deadLettersTopic, ...jobs.map(job => job.topic)])].sort()
}

/**
 * Deliveries of a release job's message. A function that is busy answers 429 after 10 s, and that counts as a
 * delivery: five would be used up while org-sync-all works for another message. The job counts its executed attempts
 * itself, and dead-letters after those that it declares.
 */
const manualDeliveries = 20

/**
 * One push subscription a job, and one without a filter for everything on `manual-jobs`: a message that no subscription
 * matches would count as delivered, and vanish.
 */
export function pushSubscriptionsOf(jobs: readonly Job[]): PushSubscription[] {
  const own = jobs.map(job => ({
    name: job.functionName,
    topic: job.topic,
    filter: job.group === 'manual' ? `attributes.job = "${job.name}"` : undefined,
    functionName: job.functionName,
    endpointTopic: job.topic,
    maxDeliveryAttempts: job.group === 'manual' ? manualDeliveries : job.maxAttempts,
  }))
  const router = routerOf(jobs)
  if (router === undefined) return own
  const unrouted = {
    name: unroutedTopic,
    topic: manualTopic,
    filter: undefined,
    functionName: router.functionName,
    endpointTopic: unroutedTopic,
    maxDeliveryAttempts: manualDeliveries,
  }
  return [...own, unrouted]
}

/** The release job whose function gets everything on `manual-jobs`; undefined where no job is on it. */
export function routerOf(jobs: readonly Job[]): Job | undefined {
  return jobs.find(job => job.group === 'manual')
}

/**
 * Jobs that can be deployed alone: a release job takes along the one whose function gets every message on its topic, or
 * a misnamed message would vanish, and one for a job that function doesn't know would be dead-lettered.
 */
export function withRouter(only: readonly Job[], jobs: readonly Job[]): readonly Job[] {
  const router = routerOf(jobs)
  const isNeeded = router !== undefined && !only.includes(router) && only.some(job => job.group === 'manual')
  return isNeeded ? [...only, router] : only
}

/**
 * What a function's environment says about the other jobs, in the cloud and in the sandbox alike.
 *
 * @param reachable jobs that have a subscription of their own: a message for any other must not count as theirs.
 */
export function routingVariables(
  functionName: string,
  jobs: readonly Job[],
  reachable = jobs,
): Readonly<Record<string, string>> {
  return functionName === routerOf(jobs)?.functionName ? {JOB_NAMES: formatJobNames(reachable)} : {}
}

/** Each job's function, then the other names by which a person may publish it. */
function formatJobNames(jobs: readonly Job[]): string {
  const namesOf = (job: Job) => [...new Set([job.functionName, ...commandNames(job)])].join(' ')
  return jobs.map(namesOf).join('; ')
}
