import assert from 'node:assert/strict'
import sinon from 'sinon'
import {type Broker, createBroker} from '../../../../../deploy/local/pubsub/delivery/broker.ts'
import type {Journal} from '../../../../../deploy/local/pubsub/state/journal.ts'
import {createSavedState} from '../../../../../deploy/local/pubsub/state/saved-state.ts'
import {parseSubscriptionSettings} from '../../../../../deploy/local/pubsub/state/subscription-settings.ts'
import {createTimerQueue} from '../../../../../deploy/local/pubsub/state/timer-queue.ts'

const topic = 'projects/p/topics/orders'
const dead = 'projects/p/topics/dead'
const subscription = 'projects/p/subscriptions/orders'
const letters = 'projects/p/subscriptions/letters'

describe('createBroker', () => {
  let clock: sinon.SinonFakeTimers
  let broker: Broker
  /** What the journal was told, in order. */
  let notes: string[]

  beforeEach(() => {
    clock = sinon.useFakeTimers()
    notes = []
    const journal: Journal = {
      write: record => notes.push(record.kind),
      delivered: (_, id) => notes.push(`delivered ${id}`),
      acknowledged: (_, id) => notes.push(`acknowledged ${id}`),
      givenBack: (_, id) => notes.push(`given back ${id}`),
      flush: () => notes.push('flush'),
      close: () => {},
    }
    broker = createBroker({
      timers: createTimerQueue(() => clock.now),
      journal,
      saved: createSavedState(),
      now: () => clock.now,
      steadyNow: () => clock.now,
      log: () => {},
    })
    broker.putTopic({name: topic})
    broker.putTopic({name: dead})
    broker.addSubscription(parseSubscriptionSettings({name: letters, topic: dead}))
    broker.addSubscription(
      parseSubscriptionSettings({
        name: subscription,
        topic,
        filter: 'attributes:a',
        deadLetterPolicy: {deadLetterTopic: dead},
      }),
    )
    notes = []
  })
  afterEach(() => clock.restore())

  function publish(...attributes: Record<string, string>[]): string[] {
    const found = broker.topics.get(topic)
    assert.ok(found)
    return broker.publish(
      found,
      attributes.map(each => ({data: '', attributes: each, orderingKey: ''})),
    )
  }

  it('has a publication in the journal before it is answered', () => {
    publish({a: '1'}, {a: '2'})
    assert.deepEqual(notes, ['message', 'message', 'flush'])
  })

  it('keeps nothing of a message that is for nobody', () => {
    assert.equal(publish({b: '1'}).length, 1)
    assert.deepEqual(notes, ['flush'])
  })

  it('notes a dead letter before the message that it was made of is gone, and both are written at once', () => {
    const [id] = publish({a: '1'})
    const found = broker.subscriptions.get(subscription)
    assert.ok(found)
    notes = []
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      found.backlog.lease({maxMessages: 1, maxBytes: 1, deadlineMilliseconds: 1000})
      found.backlog.nack(id ?? '', attempt)
    }
    assert.deepEqual(notes, [...Array(5).fill(`delivered ${id}`), 'message', `acknowledged ${id}`])
    assert.equal(broker.subscriptions.get(letters)?.backlog.readyCount(), 1)
  })

  it('has every change of topics and subscriptions in the journal before it is answered', () => {
    const found = broker.subscriptions.get(subscription)
    assert.ok(found)
    for (const [change, kind] of [
      [() => broker.putTopic({name: topic, labels: {a: 'b'}}), 'topic'],
      [() => broker.updateSubscription(found, {...found.settings(), labels: {a: 'b'}}), 'subscription'],
      [() => broker.deleteSubscription(subscription), 'subscription-deleted'],
      [() => broker.deleteTopic(topic), 'topic-deleted'],
    ] as const) {
      notes = []
      change()
      assert.deepEqual(notes, [kind, 'flush'])
    }
  })

  it('leaves a topic that was deleted and made again without the old subscriptions', () => {
    broker.deleteTopic(topic)
    broker.putTopic({name: topic})
    publish({a: '1'})
    assert.equal(broker.subscriptions.get(subscription)?.backlog.readyCount(), 0)
    assert.equal(broker.subscriptions.get(subscription)?.settings().topic, '_deleted-topic_')
  })
})
