import assert from 'node:assert/strict'
import sinon from 'sinon'
import {type Backlog, createBacklog, type Delivery} from '../../../../../deploy/local/pubsub/state/backlog.ts'
import type {Message} from '../../../../../deploy/local/pubsub/state/message.ts'
import {createTimerQueue} from '../../../../../deploy/local/pubsub/state/timer-queue.ts'

function message(id: string, orderingKey = '', data = 'eA=='): Message {
  return {id, publishTimeMilliseconds: 0, data, attributes: {}, orderingKey}
}

const ids = (deliveries: Iterable<Delivery>) => [...deliveries].map(delivery => delivery.message.id)

describe('createBacklog', () => {
  let clock: sinon.SinonFakeTimers
  let onFailed: sinon.SinonStub<[Delivery], number | 'remove'>
  let onRemoved: sinon.SinonSpy<[Delivery], void>
  let onGivenBack: sinon.SinonSpy<[Delivery], void>
  let stale: string[]

  beforeEach(() => {
    clock = sinon.useFakeTimers()
    onFailed = sinon.stub<[Delivery], number | 'remove'>().returns(0)
    onRemoved = sinon.spy((_: Delivery) => {})
    onGivenBack = sinon.spy((_: Delivery) => {})
    stale = []
  })
  afterEach(() => clock.restore())

  function create(isOrdered = false): Backlog {
    return createBacklog({
      timers: createTimerQueue(() => clock.now),
      isOrdered,
      isStale: ({id}) => stale.includes(id),
      onReady: () => {},
      onLeased: () => {},
      onFailed,
      onGivenBack,
      onRemoved,
    })
  }

  function lease(backlog: Backlog, onLeaseEnd: (delivery: Delivery) => void = () => {}): Delivery[] {
    return backlog.lease({maxMessages: 10, maxBytes: 1e9, deadlineMilliseconds: 1000, onLeaseEnd})
  }

  it('counts no attempt that is given back, and hands the message out again at once', () => {
    const backlog = create()
    backlog.add(message('1'))
    const [first] = lease(backlog)
    assert.equal(first?.attempts, 1)
    backlog.release('1', 1)
    sinon.assert.calledOnceWithExactly(onGivenBack, first)
    sinon.assert.notCalled(onFailed)
    assert.equal(lease(backlog)[0]?.attempts, 1)
    backlog.release('1', 7)
    sinon.assert.calledOnce(onGivenBack)
  })

  it('hands messages out in order and once, up to a number and an amount', () => {
    const backlog = create()
    for (const id of ['1', '2', '3']) backlog.add(message(id, '', 'eHh4'))
    assert.deepEqual(ids(backlog.lease({maxMessages: 1, maxBytes: 1e9, deadlineMilliseconds: 1})), ['1'])
    assert.deepEqual(ids(backlog.lease({maxMessages: 9, maxBytes: 1, deadlineMilliseconds: 1})), ['2'])
    assert.equal(backlog.readyCount(), 1)
    assert.deepEqual(ids(lease(backlog)), ['3'])
    assert.deepEqual(lease(backlog), [])
  })

  it('takes a message back at its deadline, waits as told, and hands it out again', () => {
    const backlog = create()
    const ended = sinon.spy()
    onFailed.returns(500)
    backlog.add(message('1'))
    lease(backlog, ended)
    clock.tick(999)
    sinon.assert.notCalled(ended)
    clock.tick(1)
    sinon.assert.calledOnce(ended)
    assert.equal(backlog.readyCount(), 0)
    clock.tick(500)
    const [again] = lease(backlog)
    assert.equal(again?.attempts, 2)
  })

  it('moves the deadline', () => {
    const backlog = create()
    backlog.add(message('1'))
    lease(backlog)
    clock.tick(900)
    backlog.extend('1', 1, 5000)
    clock.tick(4999)
    sinon.assert.notCalled(onFailed)
    clock.tick(1)
    sinon.assert.calledOnce(onFailed)
  })

  it('takes an acknowledgement for a lease that is over, and also while the message waits or is out again', () => {
    for (const state of ['ready', 'waiting', 'leased'] as const) {
      const backlog = create()
      onFailed.returns(state === 'waiting' ? 500 : 0)
      backlog.add(message('1'))
      lease(backlog)
      clock.tick(1000)
      if (state === 'leased') lease(backlog)
      assert.deepEqual(
        [...backlog.deliveries()].map(delivery => delivery.state),
        [state],
      )
      backlog.acknowledge('1')
      clock.tick(10_000)
      assert.equal(backlog.readyCount(), 0)
      assert.deepEqual(lease(backlog), [])
    }
    sinon.assert.calledThrice(onRemoved)
  })

  it('ignores a refusal and an extension by a lease that is over, and what it does not know', () => {
    const backlog = create()
    backlog.add(message('1'))
    lease(backlog)
    backlog.nack('1', 1)
    lease(backlog)
    backlog.nack('1', 1)
    backlog.extend('1', 1, 60_000)
    backlog.acknowledge('2')
    sinon.assert.calledOnce(onFailed)
    clock.tick(1000)
    sinon.assert.calledTwice(onFailed)
  })

  it('forgets a message that was set aside', () => {
    const backlog = create()
    onFailed.returns('remove')
    backlog.add(message('1'), 4)
    const [delivery] = lease(backlog)
    assert.equal(delivery?.attempts, 5)
    backlog.nack('1', 5)
    assert.deepEqual(ids(backlog.deliveries()), [])
    sinon.assert.calledOnce(onRemoved)
  })

  it('drops a stale message instead of handing it out', () => {
    const backlog = create()
    for (const id of ['1', '2']) backlog.add(message(id))
    stale = ['1']
    assert.deepEqual(ids(lease(backlog)), ['2'])
    assert.deepEqual(ids(backlog.deliveries()), ['2'])
  })

  it('tells a lease once that it is over, however it ends', () => {
    for (const end of [
      (backlog: Backlog) => backlog.acknowledge('1'),
      (backlog: Backlog) => backlog.nack('1', 1),
      (backlog: Backlog) => backlog.clear(),
      () => void clock.tick(1000),
    ]) {
      const backlog = create()
      const ended = sinon.spy()
      backlog.add(message('1'))
      lease(backlog, ended)
      end(backlog)
      backlog.clear()
      clock.tick(10_000)
      sinon.assert.calledOnce(ended)
    }
  })

  describe('with ordering', () => {
    it('hands out one message of a key at a time, and messages without a key at once', () => {
      const backlog = create(true)
      for (const [id, key] of ['1a', '2a', '3b', '4', '5'].map(text => [text.charAt(0), text.slice(1)] as const)) {
        backlog.add(message(id, key))
      }
      assert.deepEqual(ids(lease(backlog)), ['1', '3', '4', '5'])
      backlog.acknowledge('3')
      assert.deepEqual(lease(backlog), [])
      backlog.acknowledge('1')
      assert.deepEqual(ids(lease(backlog)), ['2'])
    })

    it('keeps the others behind a message that failed', () => {
      const backlog = create(true)
      onFailed.returns(500)
      for (const id of ['1', '2']) backlog.add(message(id, 'key'))
      lease(backlog)
      backlog.nack('1', 1)
      assert.deepEqual(lease(backlog), [])
      clock.tick(500)
      assert.deepEqual(ids(lease(backlog)), ['1'])
    })

    it('goes on with the next when one is set aside, dropped, or acknowledged out of turn', () => {
      const backlog = create(true)
      for (const id of ['1', '2', '3', '4', '5']) backlog.add(message(id, 'key'))
      onFailed.returns('remove')
      lease(backlog)
      backlog.nack('1', 1)
      backlog.acknowledge('3')
      stale = ['2']
      assert.deepEqual(ids(lease(backlog)), ['4'])
      backlog.acknowledge('4')
      assert.deepEqual(ids(lease(backlog)), ['5'])
      backlog.acknowledge('5')
      backlog.add(message('6', 'key'))
      assert.deepEqual(ids(lease(backlog)), ['6'])
    })
  })
})
