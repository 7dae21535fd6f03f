import type {Job} from '../../../lib/job/job.ts'
import {deadLettersTopic} from '../../../lib/job/job-name.ts'
import {acknowledgementDeadlineSeconds, pushSubscriptionsOf} from '../../catalogue/subscriptions.ts'
import {addressOf} from '../resources/address.ts'
import {accountEmail, pushAccount} from '../resources/names.ts'
import type {Desired} from '../resources/resource.ts'

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
