import assert from 'node:assert/strict'
import {toRunRow} from '../../../../deploy/console/views/run-row.ts'
import {toTimeline} from '../../../../deploy/console/views/timeline.ts'
import {summarizeRuns, toAbsentRun} from '../../../../deploy/runs/run-summary.ts'
import type {LedgerEntry} from '../../../../lib/ledger/ledger-entry.ts'
import {createEntry} from '../../../support/ledger-entry.ts'
import {createSampleJob} from '../../../support/sample-job.ts'

describe('toTimeline', () => {
  const alerts = createSampleJob({path: 'functions/daily/alerts.ts', schedule: '0 8 * * *'})
  const now = new Date('2026-11-26T12:00:00Z')
  const from = new Date('2026-11-26T00:00:00Z')
  const to = new Date('2026-11-28T00:00:00Z')

  function draw(entries: readonly LedgerEntry[], given: Partial<Parameters<typeof toTimeline>[0]> = {}) {
    const runs = Map.groupBy(entries, ({runId}) => runId)
    const rows = summarizeRuns(entries, now).map(run => toRunRow(run, runs.get(run.runId)))
    return toTimeline({jobs: [alerts], rows, runs, from, to, now, states: new Map(), ...given})
  }

  it('draws a run that goes on from before the window, and no missed slot from before it', () => {
    const live = createEntry({at: '2026-11-25T23:55:00Z', leaseUntil: new Date('2026-11-26T12:05:00Z')})
    const missed = ['25', '26'].map(day => {
      const slot = new Date(`2026-11-${day}T08:00:00Z`)
      return toRunRow(toAbsentRun(alerts, slot, `daily-alerts@2026-11-${day}T08:00Z`, 'missed'))
    })
    const running = {...toRunRow(summarizeRuns([live], now)[0] ?? assert.fail(), [live]), outcome: 'running' as const}
    const {runs} = draw([live], {rows: [...missed, running]})
    assert.deepEqual(
      runs.map(({runId}) => runId),
      ['daily-alerts@2026-11-26T08:00Z', 'bootstrap@1'],
    )
  })

  it('shows slots to come where something fires them, or where that is unknown', () => {
    for (const [states, count] of [
      [new Map([['daily-alerts', 'enabled' as const]]), 1],
      [undefined, 1],
      [new Map([['daily-alerts', 'paused' as const]]), 0],
      [new Map([['daily-alerts', 'off' as const]]), 0],
    ] as const) {
      assert.equal(draw([], {states}).upcoming.length, count, `${states?.get('daily-alerts')}`)
    }
  })

  it('draws density instead of runs where there are too many, and counts what failed', () => {
    const many = Array.from({length: 900}, (_, index) => {
      const run = {runId: `bootstrap@${index}`, at: new Date(from.getTime() + index * 40_000).toISOString()}
      return [createEntry(run), createEntry({...run, event: 'succeeded'})]
    })
    const {runs, dense} = draw(many.flat())
    assert.equal(runs.length, 0)
    assert.equal(
      dense.reduce((sum, {count}) => sum + count, 0),
      900,
    )
  })
})
