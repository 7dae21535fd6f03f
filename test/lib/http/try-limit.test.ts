import assert from 'node:assert/strict'
import {getEventListeners} from 'node:events'
import sinon from 'sinon'
import {createTryLimit} from '../../../lib/http/try-limit.ts'

describe('createTryLimit', () => {
  afterEach(() => sinon.restore())

  it('fires when the time is up', () => {
    const clock = sinon.useFakeTimers()
    const limit = createTryLimit(new AbortController().signal, 1000)
    clock.tick(999)
    assert.deepEqual([limit.signal.aborted, limit.isTimeUp()], [false, false])
    clock.tick(1)
    assert.deepEqual([limit.signal.aborted, limit.isTimeUp()], [true, true])
    limit.release()
  })

  it('fires with the attempt’s signal, and its reason', () => {
    const attempt = new AbortController()
    const limit = createTryLimit(attempt.signal, 60_000)
    attempt.abort(new Error('the instance is stopped'))
    assert.deepEqual([limit.signal.aborted, limit.isTimeUp()], [true, false])
    assert.match(String(limit.signal.reason), /the instance is stopped/)
    limit.release()
  })

  it('has fired already where the attempt’s signal has', () => {
    const limit = createTryLimit(AbortSignal.abort(), 60_000)
    assert.equal(limit.signal.aborted, true)
    limit.release()
  })

  it('leaves nothing behind once released', () => {
    const clock = sinon.useFakeTimers()
    const attempt = new AbortController()
    const limit = createTryLimit(attempt.signal, 1000)
    limit.release()
    assert.deepEqual([clock.countTimers(), getEventListeners(attempt.signal, 'abort').length], [0, 0])
    attempt.abort()
    assert.equal(limit.signal.aborted, false)
  })
})
