export type PushedMessage = {
  readonly data?: string | Buffer
  readonly attributes?: Readonly<Record<string, string>>
  readonly messageId?: string
  readonly publishTime?: string
  readonly topic?: string
  readonly subscription?: string
}

const project = 'projects/cloudact-testing-1'

/** The body of a push. Source: Pub/Sub documentation, "Push subscriptions". */
export function toPushBody(message: PushedMessage = {}): {
  message: Record<string, unknown>
  subscription: string
  deliveryAttempt: number
} {
  const {data = '{}', attributes, messageId = 'm-1', publishTime = '2026-11-23T08:00:00.123Z'} = message
  return {
    message: {
      ...(data.length === 0 ? {} : {data: Buffer.from(data).toString('base64')}),
      ...(attributes === undefined ? {} : {attributes}),
      messageId,
      message_id: messageId,
      publishTime,
      publish_time: publishTime,
    },
    subscription: `${project}/subscriptions/${message.subscription ?? 'cloudact-manual-sample'}`,
    deliveryAttempt: 1,
  }
}

/** What the functions framework makes of a push body with data: subscription and attempt are gone. */
export function toPushEvent(message: PushedMessage = {}): Record<string, unknown> {
  const {data, attributes, messageId, publishTime} = toPushBody(message).message
  return {
    specversion: '1.0',
    type: 'google.cloud.pubsub.topic.v1.messagePublished',
    source: `//pubsub.googleapis.com/${project}/topics/${message.topic ?? 'manual-jobs'}`,
    id: messageId,
    time: publishTime,
    datacontenttype: 'application/json',
    data: {message: {data, attributes: attributes ?? {}, messageId, publishTime}},
  }
}

/** The request by which Eventarc delivers: a binary CloudEvent. Source: CloudEvents, "HTTP protocol binding". */
export function toEventarcRequest(message: PushedMessage = {}): {headers: Record<string, string>; body: string} {
  const {message: pushed, subscription} = toPushBody(message)
  return {
    headers: {
      'content-type': 'application/json',
      'ce-id': String(pushed['messageId']),
      'ce-specversion': '1.0',
      'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
      'ce-source': `//pubsub.googleapis.com/${project}/topics/${message.topic ?? 'manual-jobs'}`,
      'ce-time': String(pushed['publishTime']),
    },
    body: JSON.stringify({message: pushed, subscription}),
  }
}
