import type {Job} from '../../lib/job.ts'
import {deadLettersTopic} from '../../lib/job-name.ts'
import {acknowledgementDeadlineSeconds, pushSubscriptionsOf} from '../subscriptions.ts'
import {addressOf} from './address.ts'
import {accountEmail, pushAccount} from './names.ts'
import type {Desired} from './resource.ts'

/** The push subscriptions by which messages reach the functions. */
export function subscriptionResources(jobs: readonly Job[], only: readonly Job[], projectId: string): Desired[] {
  return pushSubscriptionsOf(jobs)
    .filter(({functionName}) => only.some(job => job.functionName === functionName))
    .map(({name, topic, filter, functionName, endpointTopic, maxDeliveryAttempts}) => {
      const address = addressOf(`function ${functionName}`)
      return {
        kind: 'subscription',
        name,
        fields: {
          topic,
          ...(filter === undefined ? {} : {filter}),
          // The framework takes the topic from the path; the token's audience is the service, without it.
          endpoint: `${address}/projects/${projectId}/topics/${endpointTopic}`,
          'push account': accountEmail(pushAccount, projectId),
          audience: address,
          'deadline seconds': String(acknowledgementDeadlineSeconds),
          'shortest retry': '10s',
          'longest retry': '600s',
          'dead letters to': deadLettersTopic,
          'delivery attempts': String(maxDeliveryAttempts),
          expires: 'never',
          'keeps messages': '604800s',
        },
        after: [
          `topic ${topic}`,
          `topic ${deadLettersTopic}`,
          `function ${functionName}`,
          `service-account ${pushAccount}`,
        ],
      }
    })
}
