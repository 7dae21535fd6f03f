import assert from 'node:assert/strict'
import {toDeadLetter} from '../../../../../deploy/local/pubsub/state/dead-letter.ts'
import {parseSubscriptionSettings} from '../../../../../deploy/local/pubsub/state/subscription-settings.ts'

describe('toDeadLetter', () => {
  it("is the message with Google's four attributes", () => {
    const settings = parseSubscriptionSettings({
      name: 'projects/project-one/subscriptions/orders',
      topic: 'projects/project-two/topics/orders',
    })
    const message = {
      id: '1',
      publishTimeMilliseconds: Date.UTC(2026, 10, 23, 8, 0, 52, 505),
      data: 'eA==',
      attributes: {job: 'bootstrap', CloudPubSubDeadLetterSourceDeliveryCount: '9'},
      orderingKey: 'key',
    }
    assert.deepEqual(toDeadLetter(settings, {message, attempts: 5}), {
      data: 'eA==',
      orderingKey: 'key',
      attributes: {
        job: 'bootstrap',
        CloudPubSubDeadLetterSourceDeliveryCount: '5',
        CloudPubSubDeadLetterSourceSubscription: 'orders',
        CloudPubSubDeadLetterSourceSubscriptionProject: 'project-one',
        CloudPubSubDeadLetterSourceTopicPublishTime: '2026-11-23T08:00:52.505+00:00',
      },
    })
  })
})
