import assert from 'node:assert/strict'
import sinon from 'sinon'
import type {Delivery} from '../../../../../deploy/local/pubsub/state/backlog.ts'
import {createSubscription, type Subscription} from '../../../../../deploy/local/pubsub/state/subscription.ts'
import {parseSubscriptionSettings} from '../../../../../deploy/local/pubsub/state/subscription-settings.ts'
import {createTimerQueue} from '../../../../../deploy/local/pubsub/state/timer-queue.ts'

describe('createSubscription', () => {
  let clock: sinon.SinonFakeTimers
  let recorder: {delivered: sinon.SinonSpy; acknowledged: sinon.SinonSpy; givenBack: sinon.SinonSpy}
  let deadLetterMessage: sinon.SinonStub<[unknown, Delivery], boolean>

  const name = 'projects/project-one/subscriptions/orders'

  beforeEach(() => {
    clock = sinon.useFakeTimers()
    recorder = {delivered: sinon.spy(), acknowledged: sinon.spy(), givenBack: sinon.spy()}
    deadLetterMessage = sinon.stub<[unknown, Delivery], boolean>().returns(true)
  })
  afterEach(() => clock.restore())

  function create(settings: object): Subscription {
    return createSubscription({
      settings: parseSubscriptionSettings({name, topic: 'projects/project-one/topics/orders', ...settings}),
      timers: createTimerQueue(() => clock.now),
      now: () => clock.now,
      recorder,
      deadLetterMessage,
    })
  }

  function add({backlog}: Subscription): void {
    backlog.add({id: '1', publishTimeMilliseconds: clock.now, data: 'eA==', attributes: {}, orderingKey: ''})
  }

  const lease = ({backlog}: Subscription) => backlog.lease({maxMessages: 1, maxBytes: 1, deadlineMilliseconds: 1000})[0]

  it('drops a message after its retention, and notes that', () => {
    const subscription = create({messageRetentionDuration: {seconds: 600}})
    add(subscription)
    clock.tick(600_000)
    const delivery = lease(subscription)
    assert.equal(delivery?.attempts, 1)
    clock.tick(1001)
    assert.equal(lease(subscription), undefined)
    sinon.assert.calledOnceWithExactly(recorder.delivered, name, '1')
    sinon.assert.calledOnceWithExactly(recorder.acknowledged, name, '1')
  })

  it('sets a message aside after the last attempt, and not before', () => {
    const deadLetterPolicy = {deadLetterTopic: 'projects/project-one/topics/dead', maxDeliveryAttempts: 5}
    const subscription = create({deadLetterPolicy})
    add(subscription)
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      sinon.assert.notCalled(deadLetterMessage)
      assert.equal(lease(subscription)?.attempts, attempt)
      subscription.backlog.nack('1', attempt)
    }
    sinon.assert.calledOnce(deadLetterMessage)
    assert.deepEqual([...subscription.backlog.deliveries()], [])
  })

  it('goes on trying while a message can not be set aside', () => {
    const deadLetterPolicy = {deadLetterTopic: 'projects/project-one/topics/dead', maxDeliveryAttempts: 5}
    const subscription = create({deadLetterPolicy, retryPolicy: {minimumBackoff: {seconds: 1}}})
    deadLetterMessage.returns(false)
    add(subscription)
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      assert.equal(lease(subscription)?.attempts, attempt)
      subscription.backlog.nack('1', attempt)
      clock.tick(600_000)
    }
    sinon.assert.calledThrice(deadLetterMessage)
  })

  it('accepts what its filter matches', () => {
    const subscription = create({filter: 'attributes.job = "a"'})
    assert.deepEqual([{job: 'a'}, {job: 'b'}, {}].map(subscription.accepts), [true, false, false])
  })

  it('uses the settings as they are now', () => {
    const subscription = create({})
    add(subscription)
    subscription.update({
      ...subscription.settings(),
      retryPolicy: {minimumBackoff: {seconds: 5, nanos: 0}, maximumBackoff: {seconds: 5, nanos: 0}},
    })
    lease(subscription)
    subscription.backlog.nack('1', 1)
    clock.tick(4999)
    assert.equal(lease(subscription), undefined)
    clock.tick(1)
    assert.ok(lease(subscription))
  })
})
