import type {Delivery} from '../state/backlog.ts'
import type {SubscriptionSettings} from '../state/subscription-settings.ts'
import {toAckId} from '../wire/ack-id.ts'

/** google.pubsub.v1.ReceivedMessage; `deliveryAttempt` only with a dead-letter policy, as Google does. */
export function toReceivedMessage({message, attempts}: Delivery, settings: SubscriptionSettings): object {
  const {id, data, attributes, orderingKey, publishTimeMilliseconds} = message
  return {
    ackId: toAckId(id, attempts),
    message: {
      ...(data === '' ? {} : {data: Buffer.from(data, 'base64')}),
      attributes,
      messageId: id,
      publishTime: {
        seconds: Math.floor(publishTimeMilliseconds / 1000),
        nanos: (publishTimeMilliseconds % 1000) * 1e6,
      },
      ...(orderingKey === '' ? {} : {orderingKey}),
    },
    ...(settings.deadLetterPolicy === undefined ? {} : {deliveryAttempt: attempts}),
  }
}
