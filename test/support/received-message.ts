import type {ReceivedMessage} from '../../deploy/environment/pull-subscription.ts'
import {type DeadLetterNote, toDeadLetter} from '../../lib/run/dead-letter.ts'

const deadLetteredAt = new Date('2026-11-23T09:00:00Z')

/** A letter as a function sets it aside. */
export function createNotedDeadLetter(
  given: {
    note?: Partial<DeadLetterNote>
    data?: Buffer | string
    attributes?: Record<string, string>
    id?: string
  } = {},
): ReceivedMessage {
  const original = {
    data: Buffer.from(given.data ?? '{}'),
    attributes: given.attributes ?? {
      job: 'bootstrap',
      runId: 'bootstrap@1',
      trigger: 'manual',
      requestedBy: 'alice@desk',
    },
  }
  const note: DeadLetterNote = {
    job: 'bootstrap',
    runId: 'bootstrap@1',
    sourceTopic: 'manual-jobs',
    kind: 'permanent',
    reason: 'the API said no',
    error: 'RejectedError',
    attempts: 1,
    firstAt: new Date('2026-11-23T08:58:00Z'),
    lastAt: new Date('2026-11-23T08:59:00Z'),
    replays: 0,
    messageId: 'm-1',
    requestId: undefined,
    attempt: 0,
    ...given.note,
  }
  return {id: given.id ?? '77', publishedAt: deadLetteredAt, ...toDeadLetter(original, note)}
}

/** A letter as Pub/Sub moves it after the last delivery. */
export function createMovedDeadLetter(given: {
  subscription: string
  publishedAt?: string
  data?: string
  attributes?: Record<string, string>
  id?: string
}): ReceivedMessage {
  const {subscription, publishedAt = '2026-11-23T08:00:01.000+00:00'} = given
  return {
    id: given.id ?? '78',
    publishedAt: deadLetteredAt,
    data: Buffer.from(given.data ?? '{}'),
    attributes: {
      ...given.attributes,
      CloudPubSubDeadLetterSourceDeliveryCount: '10',
      CloudPubSubDeadLetterSourceSubscription: subscription,
      CloudPubSubDeadLetterSourceSubscriptionProject: 'cloudact-local',
      CloudPubSubDeadLetterSourceTopicPublishTime: publishedAt,
    },
  }
}
