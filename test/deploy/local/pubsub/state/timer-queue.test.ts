import assert from 'node:assert/strict'
import fc from 'fast-check'
import sinon from 'sinon'
import {createTimerQueue, type Timer} from '../../../../../deploy/local/pubsub/state/timer-queue.ts'

describe('createTimerQueue', () => {
  let clock: sinon.SinonFakeTimers

  beforeEach(() => {
    clock = sinon.useFakeTimers()
  })
  afterEach(() => clock.restore())

  it('rings each timer at its time, and never one that was cancelled', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({delay: fc.integer({min: 1, max: 50}), at: fc.nat(20), isCancelled: fc.boolean()})),
        plans => {
          const timers = createTimerQueue(() => clock.now)
          const began = clock.now
          const rang: {plan: number; at: number}[] = []
          const cancelled: Timer[] = []
          for (const [plan, {delay, at, isCancelled}] of plans.entries()) {
            clock.setTimeout(() => {
              const timer = timers.set(delay, () => rang.push({plan, at: clock.now - began}))
              if (isCancelled) cancelled.push(timer)
            }, at)
          }
          clock.setTimeout(() => cancelled.forEach(timers.cancel), 20)
          clock.tick(100)
          const expected = plans
            .map(({delay, at, isCancelled}, plan) => ({plan, at: at + delay, isCancelled}))
            .filter(({at, isCancelled}) => !isCancelled || at < 20)
          const byPlan = (one: {plan: number}, other: {plan: number}) => one.plan - other.plan
          // What is due in the very millisecond of the cancellation may go either way.
          const isUndecided = ({plan, at}: {plan: number; at: number}) => plans[plan]?.isCancelled === true && at === 20
          assert.deepEqual(
            rang.filter(each => !isUndecided(each)).sort(byPlan),
            expected.map(({plan, at}) => ({plan, at})).sort(byPlan),
          )
          assert.deepEqual(
            rang.map(({at}) => at),
            rang.map(({at}) => at).sort((one, other) => one - other),
          )
        },
      ),
    )
  })

  it('needs one timer for any number of timers, and none for none', () => {
    const timers = createTimerQueue(() => clock.now)
    const set = Array.from({length: 100}, (_, index) => timers.set(1000 - index, () => {}))
    assert.equal(clock.countTimers(), 1)
    set.forEach(timers.cancel)
    clock.runAll()
    assert.equal(clock.countTimers(), 0)
  })

  it('sets an timer from within another', () => {
    const timers = createTimerQueue(() => clock.now)
    const second = sinon.spy()
    timers.set(10, () => timers.set(10, second))
    clock.tick(19)
    sinon.assert.notCalled(second)
    clock.tick(1)
    sinon.assert.calledOnce(second)
  })

  it('rings nothing once stopped', () => {
    const timers = createTimerQueue(() => clock.now)
    const fire = sinon.spy()
    const timer = timers.set(10, fire)
    timers.stop()
    timers.cancel(timer)
    clock.tick(100)
    sinon.assert.notCalled(fire)
  })
})
