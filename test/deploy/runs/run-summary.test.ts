import assert from 'node:assert/strict'
import {isFailure, summarizeRun, summarizeRuns} from '../../../deploy/runs/run-summary.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'

const now = new Date('2026-11-23T08:05:00Z')
const transient = {name: 'UnavailableError', message: 'HTTP 503', details: [], disposition: 'transient' as const}
const summarize = (...history: LedgerEntry[]) => summarizeRun(history, now)

describe('summarizeRun', () => {
  it('takes the time from the first attempt to the end, over all attempts and parts', () => {
    const run = summarize(
      createEntry({at: '2026-11-23T08:00:00Z'}),
      createEntry({at: '2026-11-23T08:00:10Z', event: 'failed', error: transient}),
      createEntry({at: '2026-11-23T08:00:20Z', attempt: 2}),
      createEntry({at: '2026-11-23T08:00:30Z', attempt: 2, event: 'continued'}),
      createEntry({at: '2026-11-23T08:00:40Z', attempt: 3, part: 2}),
      createEntry({at: '2026-11-23T08:01:00Z', attempt: 3, part: 2, event: 'succeeded', summary: 'all done'}),
    )
    assert.partialDeepStrictEqual(run, {
      outcome: 'succeeded',
      durationMilliseconds: 60_000,
      attempts: 3,
      parts: 2,
      requestedBy: 'alice@desk',
      text: 'all done',
    })
  })

  it('begins with an attempt of which the ledger learned only the end', () => {
    const unrecorded = {at: '2026-11-23T08:00:20Z', durationMilliseconds: 15_000}
    const run = summarize(
      createEntry({...unrecorded, event: 'failed', error: transient}),
      createEntry({at: '2026-11-23T08:00:30Z', attempt: 2}),
      createEntry({at: '2026-11-23T08:00:40Z', attempt: 2, event: 'succeeded'}),
    )
    assert.partialDeepStrictEqual(run, {at: new Date('2026-11-23T08:00:05Z'), durationMilliseconds: 35_000})
    const alone = summarize(createEntry({...unrecorded, event: 'succeeded'}))
    assert.partialDeepStrictEqual(alone, {at: new Date('2026-11-23T08:00:05Z'), durationMilliseconds: 15_000})
  })

  it('goes by a replay of which the ledger learned only the end', () => {
    const run = summarize(
      createEntry({at: '2026-11-23T08:00:00Z'}),
      createEntry({at: '2026-11-23T08:00:01Z', event: 'failed', error: createFinalError('permanent', '77')}),
      createEntry({
        at: '2026-11-23T08:04:00Z',
        event: 'succeeded',
        trigger: 'replay',
        messageId: 'm-2',
        attempt: 2,
        durationMilliseconds: 3000,
      }),
    )
    assert.partialDeepStrictEqual(run, {outcome: 'succeeded', durationMilliseconds: 3000})
  })

  it('tells what goes on', () => {
    const failedOnce = [createEntry(), createEntry({event: 'failed', error: transient})]
    assert.partialDeepStrictEqual(summarize(...failedOnce), {outcome: 'retrying', text: 'HTTP 503'})
    assert.equal(summarize(createEntry(), createEntry({event: 'continued'}))?.outcome, 'continuing')
    assert.equal(summarize(createEntry())?.outcome, 'running')
  })

  it('calls an attempt abandoned that started longer ago than any attempt lasts', () => {
    assert.equal(summarize(createEntry({at: '2026-11-23T07:54:00Z'}))?.outcome, 'abandoned')
  })

  it('calls a run abandoned that waits longer for its next attempt than Pub/Sub tries', () => {
    const failedAt = (at: string) => summarize(createEntry({at}), createEntry({at, event: 'failed', error: transient}))
    assert.equal(failedAt('2026-11-23T07:06:00Z')?.outcome, 'retrying')
    const lost = failedAt('2026-11-23T07:04:00Z')
    assert.partialDeepStrictEqual(lost, {outcome: 'abandoned', text: 'HTTP 503'})
  })

  it('names the dead letter of a run that failed', () => {
    const run = summarize(createEntry(), createEntry({event: 'failed', error: createFinalError('permanent', '77')}))
    assert.partialDeepStrictEqual(run, {outcome: 'failed', deadLetterId: '77', text: 'the API said no'})
  })

  it('goes by the last replay, and keeps who asked for the run', () => {
    const failed = createEntry({event: 'failed', error: createFinalError('permanent', '77')})
    const replay = {trigger: 'replay', requestedBy: 'bob@desk', messageId: 'm-2', attempt: 2} as const
    const again = createEntry({...replay, at: '2026-11-23T08:04:00Z'})
    assert.equal(summarize(createEntry(), failed, again)?.outcome, 'running')
    const done = createEntry({...replay, at: '2026-11-23T08:04:02Z', event: 'succeeded'})
    assert.partialDeepStrictEqual(summarize(createEntry(), failed, again, done), {
      outcome: 'succeeded',
      durationMilliseconds: 2000,
      requestedBy: 'alice@desk',
      trigger: 'manual',
      attempts: 2,
    })
  })

  it('keeps runs apart', () => {
    const entries = [
      createEntry({runId: 'a@1'}),
      createEntry({runId: 'b@1'}),
      createEntry({runId: 'a@1', event: 'skipped'}),
    ]
    assert.deepEqual(
      summarizeRuns(entries, now).map(({runId, outcome}) => [runId, outcome]),
      [
        ['a@1', 'skipped'],
        ['b@1', 'running'],
      ],
    )
  })

  it('shows with --failed what failed, is degraded, was abandoned or missed', () => {
    const run = summarize(createEntry())
    assert.ok(run !== undefined)
    const outcomes = [
      'succeeded',
      'degraded',
      'skipped',
      'failed',
      'running',
      'abandoned',
      'missed',
      'pending',
    ] as const
    assert.deepEqual(
      outcomes.filter(outcome => isFailure({...run, outcome})),
      ['degraded', 'failed', 'abandoned', 'missed'],
    )
  })
})
