import assert from 'node:assert/strict'
import type {RunRow} from '../../../../deploy/console/page/base/wire.ts'
import {listRuns} from '../../../../deploy/console/views/run-list.ts'

const rows = Array.from(
  {length: 250},
  (_, index): RunRow => ({
    runId: `bootstrap@${String(index).padStart(3, '0')}`,
    job: index % 2 === 0 ? 'bootstrap' : 'daily-alerts',
    outcome: index % 10 === 0 ? 'failed' : 'succeeded',
    at: new Date(Date.UTC(2026, 10, 1) + index * 3_600_000).toISOString(),
    endedAt: null,
    durationMilliseconds: null,
    attempts: 1,
    parts: 1,
    trigger: 'manual',
    requestedBy: index < 100 ? 'anna@desk' : 'ben@desk',
    text: index === 7 ? 'Connection REFUSED' : '',
    deadLetterId: null,
    counts: {},
  }),
)

describe('listRuns', () => {
  it('shows the newest first, 100 a page', () => {
    const first = listRuns(rows, {})
    assert.deepEqual(
      [first.rows.length, first.total, first.pages, first.rows[0]?.runId],
      [100, 250, 3, 'bootstrap@249'],
    )
    assert.equal(listRuns(rows, {page: 3}).rows.length, 50)
    assert.equal(listRuns(rows, {page: 99}).page, 3)
  })

  it('filters by each of its fields, and by all of them', () => {
    assert.equal(listRuns(rows, {job: 'bootstrap'}).total, 125)
    assert.equal(listRuns(rows, {outcome: 'failed'}).total, 25)
    assert.equal(listRuns(rows, {outcome: 'failed,succeeded'}).total, 250)
    assert.equal(listRuns(rows, {who: 'ANNA'}).total, 100)
    assert.equal(listRuns(rows, {text: 'connection refused'}).total, 1)
    assert.equal(listRuns(rows, {since: new Date(Date.UTC(2026, 10, 11))}).total, 10)
    assert.equal(listRuns(rows, {job: 'bootstrap', outcome: 'failed', who: 'ben'}).total, 15)
  })
})
