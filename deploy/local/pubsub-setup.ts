import ky from 'ky'
import type {Job} from '../../lib/job/job.ts'
import {deadLettersTopic} from '../../lib/job/job-name.ts'
import {
  acknowledgementDeadlineSeconds,
  type PushSubscription,
  pushSubscriptionsOf,
  topicsOf,
} from '../catalogue/subscriptions.ts'

/** In the cloud 10 to 600 s; shorter here, since waiting teaches nothing. */
export type RetryPolicy = {readonly minimumBackoffSeconds: number; readonly maximumBackoffSeconds: number}

/**
 * Creates the topics and subscriptions of all jobs on a Pub/Sub on this machine, over its REST interface. What is there
 * already keeps its backlog, and gets its push endpoint of today.
 *
 * @param options.endpointOf base URL of a function's push endpoint.
 */
export async function setUpPubSub(options: {
  readonly host: string
  readonly projectId: string
  readonly jobs: readonly Job[]
  readonly retryPolicy: RetryPolicy
  readonly endpointOf: (functionName: string) => string
}): Promise<void> {
  const {host, projectId, jobs} = options
  const project = `projects/${projectId}`
  const client = ky.create({baseUrl: `http://${host}/v1/`, retry: 0, throwHttpErrors: false, timeout: 60_000})
  const put = async (name: string, json: unknown): Promise<'created' | 'exists'> => {
    const response = await client.put(name, {json})
    if (response.status === 409) return 'exists'
    if (!response.ok) throw new Error(`Pub/Sub refused ${name}: ${await response.text()}`)
    return 'created'
  }
  await Promise.all(topicsOf(jobs).map(topic => put(`${project}/topics/${topic}`, {})))
  const topicName = (topic: string) => `${project}/topics/${topic}`
  await put(`${project}/subscriptions/${deadLettersTopic}`, {
    topic: topicName(deadLettersTopic),
    ackDeadlineSeconds: 60,
  })

  const pushConfigOf = ({functionName, endpointTopic}: PushSubscription) => ({
    pushEndpoint: `${options.endpointOf(functionName)}/${topicName(endpointTopic)}`,
  })
  await Promise.all(
    pushSubscriptionsOf(jobs).map(async subscription => {
      const name = `${project}/subscriptions/${subscription.name}`
      const pushConfig = pushConfigOf(subscription)
      const result = await put(name, {
        topic: topicName(subscription.topic),
        pushConfig,
        ackDeadlineSeconds: acknowledgementDeadlineSeconds,
        ...(subscription.filter === undefined ? {} : {filter: subscription.filter}),
        retryPolicy: {
          minimumBackoff: `${options.retryPolicy.minimumBackoffSeconds}s`,
          maximumBackoff: `${options.retryPolicy.maximumBackoffSeconds}s`,
        },
        deadLetterPolicy: {
          deadLetterTopic: topicName(deadLettersTopic),
          maxDeliveryAttempts: subscription.maxDeliveryAttempts,
        },
      })
      if (result === 'created') return
      const response = await client.post(`${name}:modifyPushConfig`, {json: {pushConfig}})
      if (!response.ok) throw new Error(`Pub/Sub refused the endpoint of ${name}: ${await response.text()}`)
    }),
  )
}
