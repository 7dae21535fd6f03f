import assert from 'node:assert/strict'
import {describeProgress, progressState} from '../../../deploy/runs/describe-progress.ts'
import {nextDeliveryAt, retrySpacingOf} from '../../../deploy/runs/retry-delay.ts'
import type {RunProgress} from '../../../deploy/runs/run-progress.ts'

const failedAt = new Date('2026-11-23T08:00:00Z')
const running = {state: 'running', attempt: 1, part: 1, since: new Date(0), counts: {}} as const
const retrying = {state: 'retrying', failures: 2, part: 1, failedAt} as const
const cause = `${'r'.repeat(900)} connect ECONNREFUSED 127.0.0.1:59998`

const describeAt = (progress: RunProgress, seconds: number, at = new Date(failedAt.getTime() + 3000)) =>
  describeProgress(progress, {seconds, now: at, maxAttempts: 5, spacing: retrySpacingOf('prod')})

describe('describeProgress', () => {
  for (const [progress, seconds, text] of [
    [{state: 'waiting'}, 3.9, 'published, waiting for the function, 3 s'],
    [{state: 'waiting'}, 31, 'nothing of it is in the run ledger yet, 31 s'],
    [running, 5, 'running, attempt 1, 5 s'],
    [
      {...running, trouble: 'bootstrap status: try 2 of 7 failed: no answer (request 8e675e4a)'},
      5,
      'running, attempt 1, bootstrap status: try 2 of 7 failed: no answer, 5 s',
    ],
    [{...running, attempt: 2, part: 3}, 5, 'running, attempt 2, part 3, 5 s'],
    [{...running, counts: {orgsFailed: 2}}, 5, 'running, attempt 1, 2 orgs failed, 5 s'],
    [
      {...running, counts: {done: 5, total: 20, failed: 1}},
      10,
      'running, attempt 1 █████░░░░░░░░░░░░░░░ 5 of 20, 0.5/s, about 30 s left, 1 failed, 10 s',
    ],
    [{...running, counts: {done: 0, total: 20}}, 10, `running, attempt 1 ${'░'.repeat(20)} 0 of 20, 0.0/s, 10 s`],
    [{...running, counts: {done: 30, total: 20}}, 10, `running, attempt 1 ${'█'.repeat(20)} 30 of 20, 3.0/s, 10 s`],
    [{...running, counts: {done: 0, total: 0}}, 0, 'running, attempt 1, 0 s'],
    [{...retrying, reason: cause}, 9, `attempt 2 of 5 failed: ${cause}, next in 17 s, 9 s`],
    [
      {state: 'continuing', part: 2, counts: {done: 5, total: 5}},
      5,
      `continuing with part 2 ${'█'.repeat(20)} 5 of 5, 1.0/s, 5 s`,
    ],
  ] as const) {
    it(`is "${text.slice(0, 70)}"`, () => assert.equal(describeAt(progress, seconds), text))
  }

  it('says when the next attempt is due', () => {
    const late = new Date(failedAt.getTime() + 25_000)
    assert.match(describeAt({...retrying, reason: 'no'}, 30, late), /, next attempt due, 30 s$/)
  })
})

describe('progressState', () => {
  it('is another for another state, attempt or tenth, and for nothing else', () => {
    const states = [
      progressState({state: 'waiting'}, 1),
      progressState({state: 'waiting'}, 29),
      progressState({state: 'waiting'}, 31),
      progressState({...running, trouble: 'reading: try 1 of 7 failed: no'}, 35),
      progressState({...running, trouble: 'reading: try 2 of 7 failed: no'}, 36),
      progressState({...running, counts: {done: 1, total: 20}}, 40),
      progressState({...running, counts: {done: 1, total: 20, failed: 1}}, 41),
      progressState({...running, trouble: 'reading: try 2 of 7 failed: no', counts: {done: 1, total: 20}}, 42),
      progressState({...running, counts: {done: 3, total: 20}}, 42),
      progressState({...retrying, reason: 'a'}, 43),
      progressState({...retrying, reason: 'a'}, 99),
    ]
    assert.deepEqual([...new Set(states)].length, 6)
  })
})

describe('nextDeliveryAt', () => {
  it('doubles from the shortest to the longest', () => {
    const seconds = (failures: number) =>
      (nextDeliveryAt(failedAt, failures, retrySpacingOf('prod')).getTime() - failedAt.getTime()) / 1000
    assert.deepEqual([1, 2, 3, 7, 90].map(seconds), [10, 20, 40, 600, 600])
  })
})
