import assert from 'node:assert/strict'
import sinon from 'sinon'
import * as z from 'zod'
import {type Broker, createBroker} from '../../../../../deploy/local/pubsub/delivery/broker.ts'
import {createStreamingPull} from '../../../../../deploy/local/pubsub/server/streaming-pull.ts'
import {createForgetfulJournal} from '../../../../../deploy/local/pubsub/state/journal.ts'
import {createSavedState} from '../../../../../deploy/local/pubsub/state/saved-state.ts'
import {parseSubscriptionSettings} from '../../../../../deploy/local/pubsub/state/subscription-settings.ts'
import {createTimerQueue} from '../../../../../deploy/local/pubsub/state/timer-queue.ts'
import type {StatusError} from '../../../../../deploy/local/pubsub/wire/status-error.ts'

const topic = 'projects/project-one/topics/orders'
const subscription = 'projects/project-one/subscriptions/orders'

const response = z.object({receivedMessages: z.array(z.object({ackId: z.string()}))})

describe('createStreamingPull', () => {
  let clock: sinon.SinonFakeTimers
  let broker: Broker
  let isWritable: boolean
  let sent: string[][]
  let ended: StatusError[]

  beforeEach(() => {
    clock = sinon.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']})
    isWritable = true
    sent = []
    ended = []
    const journal = createForgetfulJournal()
    broker = createBroker({
      timers: createTimerQueue(() => clock.now),
      journal,
      saved: createSavedState(),
      now: () => clock.now,
      steadyNow: () => clock.now,
      log: () => {},
    })
    broker.putTopic({name: topic})
    broker.addSubscription(parseSubscriptionSettings({name: subscription, topic}))
  })
  afterEach(() => clock.restore())

  const settled = () => new Promise(resolve => setImmediate(resolve))

  function open(request: object = {}) {
    const stream = createStreamingPull(
      broker,
      createForgetfulJournal(),
    )({
      isWritable: () => isWritable,
      send: message => sent.push(response.parse(message).receivedMessages.map(({ackId}) => ackId)),
      end: reason => ended.push(reason),
    })
    stream.onRequest({subscription, streamAckDeadlineSeconds: 10, ...request})
    return stream
  }

  async function publish(count: number, data = 'eA=='): Promise<void> {
    const found = broker.topics.get(topic)
    assert.ok(found)
    broker.publish(found, Array(count).fill({data, attributes: {}, orderingKey: ''}))
    await settled()
  }

  it('answers at once, and every request that asks for nothing: so a client sees that the stream lives', async () => {
    const stream = open()
    stream.onRequest({})
    assert.deepEqual(sent, [[], []])
  })

  it('sends no more messages and bytes than the client takes, and more as they are settled', async () => {
    const stream = open({maxOutstandingMessages: 3})
    await publish(5)
    const first = sent.flat()
    assert.equal(first.length, 3)
    stream.onRequest({ackIds: [first[0]]})
    stream.onRequest({modifyDeadlineAckIds: [first[1]], modifyDeadlineSeconds: [0]})
    await settled()
    assert.equal(sent.flat().length, 5)

    sent = []
    broker.deleteSubscription(subscription)
    broker.addSubscription(parseSubscriptionSettings({name: subscription, topic}))
    open({maxOutstandingBytes: 10})
    await publish(5, 'eHh4eHh4')
    assert.equal(sent.flat().length, 2)
  })

  it('sends nothing while the client does not read', async () => {
    const stream = open()
    isWritable = false
    await publish(2)
    assert.deepEqual(sent.flat(), [])
    isWritable = true
    stream.onWritable()
    await settled()
    assert.equal(sent.flat().length, 2)
  })

  it("sends a message again after the stream's deadline, or the one that was asked for", async () => {
    const stream = open()
    await publish(1)
    stream.onRequest({modifyDeadlineAckIds: sent.flat(), modifyDeadlineSeconds: [60], streamAckDeadlineSeconds: 20})
    clock.tick(59_999)
    await settled()
    assert.equal(sent.flat().length, 1)
    clock.tick(1)
    await settled()
    clock.tick(20_000)
    await settled()
    assert.equal(sent.flat().length, 3)
  })

  it('sends nothing to a client that is gone, and its messages to the next after their deadline', async () => {
    const stream = open()
    await publish(1)
    stream.onGone()
    sent = []
    open()
    clock.tick(10_000)
    await settled()
    assert.equal(sent.flat().length, 1)
  })

  it('ends with the reason when the subscription is gone, or delivers by push from now on', () => {
    open()
    broker.deleteSubscription(subscription)
    assert.deepEqual(
      ended.map(({status}) => status),
      ['NOT_FOUND'],
    )
    broker.addSubscription(parseSubscriptionSettings({name: subscription, topic}))
    open()
    const found = broker.subscriptions.get(subscription)
    assert.ok(found)
    const pushConfig = {pushEndpoint: 'http://127.0.0.1:1/'}
    broker.updateSubscription(found, {...found.settings(), pushConfig})
    open()
    assert.deepEqual(
      ended.map(({status}) => status),
      ['NOT_FOUND', 'FAILED_PRECONDITION', 'FAILED_PRECONDITION'],
    )
    broker.stop()
  })

  for (const request of [{subscription: 'nonsense'}, {streamAckDeadlineSeconds: 9}, {streamAckDeadlineSeconds: 601}]) {
    it(`refuses to begin with ${JSON.stringify(request)}`, () => {
      open(request)
      assert.deepEqual(
        ended.map(({status}) => status),
        ['INVALID_ARGUMENT'],
      )
      assert.deepEqual(sent, [])
    })
  }

  for (const request of [
    {ackIds: ['nonsense']},
    {modifyDeadlineAckIds: ['1-1'], modifyDeadlineSeconds: []},
    {modifyDeadlineAckIds: ['1-1'], modifyDeadlineSeconds: [601]},
  ]) {
    it(`ends at ${JSON.stringify(request)}`, async () => {
      open().onRequest(request)
      await publish(1)
      assert.deepEqual(
        ended.map(({status}) => status),
        ['INVALID_ARGUMENT'],
      )
      assert.deepEqual(sent.flat(), [])
    })
  }
})
