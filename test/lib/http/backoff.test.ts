import assert from 'node:assert/strict'
import fc from 'fast-check'
import {backoffSeconds} from '../../../lib/http/backoff.ts'

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
