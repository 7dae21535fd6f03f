import assert from 'node:assert/strict'
import type {RunRow} from '../../../../deploy/console/page/base/wire.ts'
import {describeUnusual} from '../../../../deploy/console/views/job-rows.ts'

const run = (organizationsProcessed: number): RunRow => ({
  runId: 'daily-quota-reset@1',
  job: 'daily-quota-reset',
  outcome: 'succeeded',
  at: '2026-11-26T00:00:00.000Z',
  endedAt: null,
  durationMilliseconds: 10,
  attempts: 1,
  parts: 1,
  trigger: 'schedule',
  requestedBy: 'unknown',
  text: '',
  deadLetterId: null,
  counts: {organizationsProcessed},
})

describe('describeUnusual', () => {
  it('names a count that is far from the usual one', () => {
    assert.equal(describeUnusual([12, 12, 13, 11, 0].map(run)), '0 organizations processed, usually about 12')
    assert.equal(describeUnusual([12, 12, 13, 11, 40].map(run)), '40 organizations processed, usually about 12')
  })

  it('is silent about what is usual, and about what nothing is known of', () => {
    assert.equal(describeUnusual([12, 12, 13, 11, 12].map(run)), null)
    assert.equal(describeUnusual([12, 0].map(run)), null)
    assert.equal(describeUnusual([1, 1, 1, 1, 0].map(run)), null)
    assert.equal(describeUnusual([]), null)
  })
})
