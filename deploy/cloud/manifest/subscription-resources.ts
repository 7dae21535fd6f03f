import type {Job} from '../../../lib/job/job.ts'
import {deadLettersTopic} from '../../../lib/job/job-name.ts'
import {acknowledgementDeadlineSeconds, pushSubscriptionsOf} from '../../catalogue/subscriptions.ts'
import {accountEmail, pushAccount} from '../names/names.ts'
import type {DesiredState} from '../resources/resource.ts'

/** The push subscriptions by which messages reach the functions. */
export function subscriptionResources(
  jobs: readonly Job[],
  only: readonly Job[],
  projectId: string,
): DesiredState<'subscription'>[] {
  return pushSubscriptionsOf(jobs)
    .filter(({functionName}) => only.some(job => job.functionName === functionName))
    .map(({name, topic, filter, functionName, endpointTopic, maxDeliveryAttempts}) => {
      const ref = `function ${functionName}`
      return {
        type: 'subscription',
        name,
        fields: {
          topic,
          ...(filter === undefined ? {} : {filter}),
          // The framework takes the topic from the path; the token's audience is the service, without it.
          endpoint: {ref, suffix: `/projects/${projectId}/topics/${endpointTopic}`},
          'push account': accountEmail(pushAccount, projectId),
          audience: {ref},
          'deadline seconds': String(acknowledgementDeadlineSeconds),
          'shortest retry': '10s',
          'longest retry': '600s',
          'dead letters to': deadLettersTopic,
          'delivery attempts': String(maxDeliveryAttempts),
          expires: 'never',
          'keeps messages': '604800s',
        },
        after: [`topic ${topic}`, `topic ${deadLettersTopic}`, ref, `service-account ${pushAccount}`],
      }
    })
}
