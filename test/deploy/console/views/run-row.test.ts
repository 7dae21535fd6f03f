import assert from 'node:assert/strict'
import {toRunRow} from '../../../../deploy/console/views/run-row.ts'
import {summarizeRun} from '../../../../deploy/runs/run-summary.ts'
import {createEntry, createFinalError} from '../../../support/ledger-entry.ts'

describe('toRunRow', () => {
  const now = new Date('2026-11-26T08:02:00Z')
  const started = createEntry({at: '2026-11-26T08:00:00Z'})
  const rowOf = (last: Parameters<typeof createEntry>[0]) => {
    const history = [started, createEntry({at: '2026-11-26T08:01:00Z', ...last})]
    const summary = summarizeRun(history, now) ?? assert.fail()
    return toRunRow(summary, history)
  }

  it('gives a run no end while it is retried or goes on in another part', () => {
    const {kind: _, ...transient} = createFinalError('permanent')
    for (const [outcome, last] of [
      ['retrying', {event: 'failed', error: transient}],
      ['continuing', {event: 'continued'}],
    ] as const) {
      const row = rowOf(last)
      assert.deepEqual([row.outcome, row.endedAt, row.durationMilliseconds], [outcome, null, null])
    }
  })

  it('gives the end of one that is over', () => {
    const row = rowOf({event: 'succeeded'})
    assert.deepEqual([row.endedAt, row.durationMilliseconds], ['2026-11-26T08:01:00.000Z', 60_000])
  })
})
