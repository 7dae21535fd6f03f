import assert from 'node:assert/strict'
import fc from 'fast-check'
import sinon from 'sinon'
import {backoffSeconds, wait} from '../../../lib/http/backoff.ts'

const policy = {retries: 6, firstDelaySeconds: 0.5, maxDelaySeconds: 30}

describe('backoffSeconds', () => {
  it('doubles, with the upper half random', () => {
    assert.deepEqual(
      [1, 2, 3, 4].map(retry => backoffSeconds(policy, retry, 0)),
      [0.25, 0.5, 1, 2],
    )
    assert.equal(backoffSeconds(policy, 1, 0.5), 0.375)
  })

  it('stays between half of what it is at most, and that', () => {
    const random = fc.double({min: 0, max: 1, maxExcluded: true, noNaN: true})
    fc.assert(
      fc.property(fc.integer({min: 1, max: 2000}), random, (retry, chance) => {
        const seconds = backoffSeconds(policy, retry, chance)
        const full = Math.min(30, 0.5 * 2 ** (retry - 1))
        assert.ok(seconds >= full / 2 && seconds <= full)
      }),
    )
  })
})

describe('wait', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers()
  })
  afterEach(() => clock.restore())

  it('resolves when the time is over, and leaves nothing behind', async () => {
    const {signal} = new AbortController()
    const remove = sinon.spy(signal, 'removeEventListener')
    const waiting = wait(1000, signal)
    await clock.tickAsync(1000)
    await waiting
    assert.equal(remove.callCount, 1)
  })

  it('ends with the signal’s reason, and leaves no timer behind', async () => {
    const stop = new AbortController()
    const waiting = assert.rejects(wait(1000, stop.signal), /^Error: stopped$/)
    stop.abort(new Error('stopped'))
    await waiting
    assert.equal(clock.countTimers(), 0)
  })

  it('does not begin when the signal has fired', async () => {
    await assert.rejects(wait(1000, AbortSignal.abort(new Error('stopped'))), /^Error: stopped$/)
    assert.equal(clock.countTimers(), 0)
  })
})
