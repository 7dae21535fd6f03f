import assert from 'node:assert/strict'
import fc from 'fast-check'
import {retryDelayMilliseconds} from '../../../../../deploy/local/pubsub/state/retry-delay.ts'

const seconds = (value: number) => ({seconds: Math.floor(value), nanos: Math.round((value % 1) * 1e9)})

describe('retryDelayMilliseconds', () => {
  it('doubles from the minimum to the maximum', () => {
    const policy = {minimumBackoff: seconds(10), maximumBackoff: seconds(600)}
    const delays = [1, 2, 3, 4, 5, 6, 7, 8, 100].map(attempt => retryDelayMilliseconds(attempt, policy, true))
    assert.deepEqual(
      delays,
      [10, 20, 40, 80, 160, 320, 600, 600, 600].map(delay => delay * 1000),
    )
  })

  it('takes parts of a second', () => {
    const policy = {minimumBackoff: seconds(0.1), maximumBackoff: seconds(0.25)}
    assert.deepEqual(
      [1, 2, 3].map(attempt => retryDelayMilliseconds(attempt, policy, true)),
      [100, 200, 250],
    )
  })

  it('stays between the bounds and never falls', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(600), fc.integer({min: 1, max: 1000}), (one, other, attempt) => {
        const [minimum, maximum] = [Math.min(one, other), Math.max(one, other)]
        const policy = {minimumBackoff: seconds(minimum), maximumBackoff: seconds(maximum)}
        const [delay, next] = [attempt, attempt + 1].map(each => retryDelayMilliseconds(each, policy, false))
        assert.ok(delay !== undefined && next !== undefined)
        assert.ok(delay >= minimum * 1000 && delay <= maximum * 1000 && next >= delay)
      }),
    )
  })

  it('is nothing for a pull without a policy, and a little for a push, whatever the policy', () => {
    assert.equal(retryDelayMilliseconds(1, undefined, false), 0)
    assert.equal(retryDelayMilliseconds(1, undefined, true), 100)
    assert.equal(retryDelayMilliseconds(1, {minimumBackoff: seconds(0), maximumBackoff: seconds(0)}, true), 10)
  })
})
