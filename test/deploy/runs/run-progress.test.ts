import assert from 'node:assert/strict'
import {isFinal, type RunProgress, runProgressOf} from '../../../deploy/runs/run-progress.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'

const passing = {name: 'UnavailableError', message: 'the API is down', details: [], disposition: 'transient' as const}
const at = (minute: number) => `2026-11-23T08:${String(minute).padStart(2, '0')}:00Z`

const started = createEntry({at: at(0)})
const failed = createEntry({event: 'failed', error: passing, at: at(1)})
const again = createEntry({attempt: 2, at: at(2)})
const deadLetter = createEntry({event: 'failed', error: createFinalError('permanent', 'm-9'), at: at(3)})
const succeeded = createEntry({attempt: 2, event: 'succeeded', at: at(4)})
const progress = createEntry({event: 'progress', counts: {done: 3, total: 9}, at: at(1)})
const continued = createEntry({event: 'continued', counts: {done: 5}, at: at(2)})
const cancelled = createEntry({event: 'cancelled', attempt: 0, at: at(3)})
const duplicate = createEntry({event: 'duplicate', attempt: 0, at: at(5)})

const rows: [what: string, history: LedgerEntry[], progress: RunProgress][] = [
  ['nothing', [], {state: 'waiting'}],
  ['a duplicate alone', [duplicate], {state: 'waiting'}],
  ['a start', [started], {state: 'running', attempt: 1, part: 1, since: started.at, counts: {}}],
  [
    'a sign of life',
    [started, progress],
    {state: 'running', attempt: 1, part: 1, since: started.at, counts: {done: 3, total: 9}},
  ],
  [
    'a failure that may pass',
    [started, failed],
    {state: 'retrying', failures: 1, part: 1, reason: 'the API is down', failedAt: failed.at},
  ],
  [
    'a second start, with why the first failed',
    [started, failed, again],
    {state: 'running', attempt: 2, part: 1, since: again.at, counts: {}, lastTrouble: 'the API is down'},
  ],
  [
    'a sign of life after what was repeated',
    [started, {...progress, summary: 'status: try 2 of 7 failed: HTTP 500'}, {...progress, at: new Date(at(2))}],
    {
      state: 'running',
      attempt: 1,
      part: 1,
      since: started.at,
      counts: {done: 3, total: 9},
      lastTrouble: 'status: try 2 of 7 failed: HTTP 500',
    },
  ],
  ['a part that is continued', [started, continued], {state: 'continuing', part: 2, counts: {done: 5}}],
  [
    'the next part’s start',
    [started, continued, {...again, part: 2}],
    {state: 'running', attempt: 2, part: 2, since: again.at, counts: {done: 5}},
  ],
  ['a cancelled run', [started, failed, cancelled], {state: 'over', entry: cancelled, attempts: 1}],
  [
    'a cancelled run whose attempt is in flight',
    [started, cancelled],
    {state: 'running', attempt: 1, part: 1, since: started.at, counts: {}},
  ],
  ['a dead letter', [started, deadLetter], {state: 'over', entry: deadLetter, attempts: 1}],
  ['a success', [started, failed, again, succeeded], {state: 'over', entry: succeeded, attempts: 2}],
  [
    'a duplicate after a success',
    [started, failed, again, succeeded, duplicate],
    {state: 'over', entry: succeeded, attempts: 2},
  ],
  [
    'an invalid message with the id of a live run',
    [started, {...deadLetter, attempt: 0, error: createFinalError('unreadable', 'm-9')}],
    {state: 'running', attempt: 1, part: 1, since: started.at, counts: {}},
  ],
  [
    'an unreadable message',
    [{...deadLetter, attempt: 0}],
    {state: 'over', entry: {...deadLetter, attempt: 0}, attempts: 0},
  ],
]

describe('runProgressOf', () => {
  for (const [what, history, expected] of rows) {
    it(`is ${expected.state} after ${what}`, () => {
      assert.deepEqual(runProgressOf(history), expected)
    })
  }

  it('passes over how the run ended before it was replayed', () => {
    const replayedAt = new Date(at(4))
    assert.equal(runProgressOf([started, deadLetter], replayedAt).state, 'waiting')
    const restarted = createEntry({attempt: 2, trigger: 'replay', at: at(5)})
    assert.equal(runProgressOf([started, deadLetter, restarted], replayedAt).state, 'running')
    const second = {...deadLetter, attempt: 2, at: new Date(at(6))}
    assert.deepEqual(runProgressOf([started, deadLetter, restarted, second], replayedAt), {
      state: 'over',
      entry: second,
      attempts: 2,
    })
  })

  it('takes a success for the end, whenever it was: no replay runs again', () => {
    assert.equal(runProgressOf([started, succeeded], new Date(at(30))).state, 'over')
  })
})

describe('isFinal', () => {
  it('is what nothing follows by itself', () => {
    const events = [
      'started',
      'progress',
      'succeeded',
      'degraded',
      'skipped',
      'failed',
      'continued',
      'duplicate',
    ] as const
    assert.deepEqual(
      events.filter(event => isFinal(createEntry({event}))),
      ['succeeded', 'degraded', 'skipped'],
    )
    assert.deepEqual([isFinal(deadLetter), isFinal(failed)], [true, false])
  })
})
