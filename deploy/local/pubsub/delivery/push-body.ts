import type {Message} from '../state/message.ts'

/**
 * The body that Google posts, empty fields left out.
 * https://cloud.google.com/pubsub/docs/push#receive_push
 *
 * @param deliveryAttempt only for a subscription with a dead-letter policy.
 */
export function toPushBody(subscription: string, message: Message, deliveryAttempt: number | undefined): string {
  const {id, data, attributes, orderingKey} = message
  const publishTime = new Date(message.publishTimeMilliseconds).toISOString()
  const hasAttributes = Object.keys(attributes).length > 0
  return JSON.stringify({
    message: {
      ...(hasAttributes ? {attributes} : {}),
      ...(data === '' ? {} : {data}),
      messageId: id,
      message_id: id,
      ...(orderingKey === '' ? {} : {orderingKey}),
      publishTime,
      publish_time: publishTime,
    },
    subscription,
    ...(deliveryAttempt === undefined ? {} : {deliveryAttempt}),
  })
}
