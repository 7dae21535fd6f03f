import assert from 'node:assert/strict'
import sinon from 'sinon'
import type {PushConnections, PushOutcome} from '../../../../../deploy/local/pubsub/delivery/push-connections.ts'
import {createPushConsumer, type PushConsumer} from '../../../../../deploy/local/pubsub/delivery/push-consumer.ts'
import {createSubscription, type Subscription} from '../../../../../deploy/local/pubsub/state/subscription.ts'
import {parseSubscriptionSettings} from '../../../../../deploy/local/pubsub/state/subscription-settings.ts'
import {createTimerQueue} from '../../../../../deploy/local/pubsub/state/timer-queue.ts'

describe('createPushConsumer', () => {
  let clock: sinon.SinonFakeTimers
  let posts: {body: string; done: (outcome: PushOutcome) => void; abort: sinon.SinonSpy}[]
  let connections: PushConnections & {readonly retire: sinon.SinonSpy}
  let subscription: Subscription
  let consumer: PushConsumer
  let lines: string[]
  let givenBack: sinon.SinonSpy
  let arePushesHeld: boolean

  beforeEach(() => {
    clock = sinon.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']})
    posts = []
    lines = []
    connections = {
      post(body, done) {
        const abort = sinon.spy()
        posts.push({body, done, abort})
        return abort
      },
      retire: sinon.spy(),
    }
    const nothing = () => {}
    givenBack = sinon.spy()
    arePushesHeld = false
    subscription = createSubscription({
      settings: parseSubscriptionSettings({
        name: 'projects/project-one/subscriptions/orders',
        topic: 'projects/project-one/topics/orders',
        ackDeadlineSeconds: 10,
        pushConfig: {pushEndpoint: 'http://127.0.0.1/'},
        retryPolicy: {minimumBackoff: {seconds: 20}},
      }),
      timers: createTimerQueue(() => clock.now),
      now: () => clock.now,
      recorder: {delivered: nothing, acknowledged: nothing, givenBack},
      deadLetterMessage: () => false,
    })
    consumer = createPushConsumer({
      subscription,
      endpoint: 'http://127.0.0.1/',
      connections,
      log: line => lines.push(line),
      arePushesHeld: () => arePushesHeld,
    })
  })
  afterEach(() => clock.restore())

  const settled = () => new Promise(resolve => setImmediate(resolve))

  async function add(count: number, first = 1): Promise<void> {
    for (let id = first; id < first + count; id += 1) {
      const message = {publishTimeMilliseconds: clock.now, data: 'eA==', attributes: {}, orderingKey: ''}
      subscription.backlog.add({...message, id: String(id)})
    }
    await settled()
  }

  it('aborts a push that has no answer at the deadline, and pushes again after the backoff', async () => {
    await add(1)
    clock.tick(9999)
    sinon.assert.notCalled(posts[0]?.abort ?? sinon.fake())
    clock.tick(1)
    sinon.assert.calledOnce(posts[0]?.abort ?? sinon.fake())
    assert.match(lines.join(), /message 1, attempt 1, had no answer before its deadline/)
    clock.tick(19_999)
    await settled()
    assert.equal(posts.length, 1)
    clock.tick(1)
    await settled()
    assert.equal(posts.length, 2)
  })

  it('has few pushes under way at first, and more with each success', async () => {
    await add(1000)
    assert.equal(posts.length, 16)
    for (let index = 0; index < 200; index += 1) posts[index]?.done({status: 204})
    await settled()
    for (let round = 0; round < 20; round += 1) {
      for (const post of posts.splice(0)) post.done({status: 200})
      await settled()
    }
    await add(1000, 2000)
    assert.equal(posts.length, 100)
  })

  it('has fewer after failures, and always some', async () => {
    await add(16)
    for (const post of posts.splice(0)) post.done({status: 500})
    await add(100, 100)
    assert.equal(posts.length, 4)
  })

  it('counts no failure of a push while everything is about to stop', async () => {
    await add(2)
    arePushesHeld = true
    consumer.retire()
    posts[0]?.done({problem: 'ECONNRESET'})
    posts[1]?.done({status: 204})
    sinon.assert.calledOnceWithExactly(givenBack, 'projects/project-one/subscriptions/orders', '1', 0)
    assert.deepEqual(
      [...subscription.backlog.deliveries()].map(({message, attempts}) => [message.id, attempts]),
      [['1', 0]],
    )
  })

  it('ends everything when it is stopped', async () => {
    await add(2)
    consumer.stop()
    for (const {abort} of posts) sinon.assert.calledOnce(abort)
    sinon.assert.calledOnce(connections.retire)
    await add(1, 50)
    assert.equal(posts.length, 2)
  })

  it('begins nothing new when it is retired, and takes the answers that still come', async () => {
    await add(1)
    consumer.retire()
    await add(1, 50)
    assert.equal(posts.length, 1)
    posts[0]?.done({status: 204})
    assert.deepEqual(
      [...subscription.backlog.deliveries()].map(({message}) => message.id),
      ['50'],
    )
  })
})
