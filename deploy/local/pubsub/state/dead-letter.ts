import {splitResourceName} from '../wire/resource-name.ts'
import type {Delivery} from './backlog.ts'
import type {NewMessage} from './message.ts'
import type {SubscriptionSettings} from './subscription-settings.ts'

/**
 * The message that goes to the dead-letter topic: the original with Google's four attributes about where it comes from.
 * https://cloud.google.com/pubsub/docs/handling-failures#forward_messages
 */
export function toDeadLetter(
  {name}: SubscriptionSettings,
  {message, attempts}: Pick<Delivery, 'message' | 'attempts'>,
): NewMessage {
  const {project, id} = splitResourceName(name)
  return {
    data: message.data,
    orderingKey: message.orderingKey,
    attributes: {
      ...message.attributes,
      CloudPubSubDeadLetterSourceDeliveryCount: String(attempts),
      CloudPubSubDeadLetterSourceSubscription: id,
      CloudPubSubDeadLetterSourceSubscriptionProject: project,
      // Google writes the offset out here, and nowhere else.
      CloudPubSubDeadLetterSourceTopicPublishTime: new Date(message.publishTimeMilliseconds)
        .toISOString()
        .replace('Z', '+00:00'),
    },
  }
}
