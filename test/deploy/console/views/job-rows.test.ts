import assert from 'node:assert/strict'
import type {RunRow} from '../../../../deploy/console/page/base/wire.ts'
import {describeUnusual, toJobRows} from '../../../../deploy/console/views/job-rows.ts'
import {toRunRow} from '../../../../deploy/console/views/run-row.ts'
import {toJobStatus} from '../../../../deploy/list/job-status.ts'
import {summarizeRuns} from '../../../../deploy/runs/run-summary.ts'
import {createEntry} from '../../../support/ledger-entry.ts'
import {createSampleJob} from '../../../support/sample-job.ts'

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

describe('toJobRows', () => {
  it('shows the last run of the list, however many rows came after it', () => {
    const now = new Date('2026-11-26T10:00:00Z')
    const about = {job: 'sample', runId: 'sample@1', at: '2026-11-26T08:00:00Z'}
    const garbage = Array.from({length: 40}, (_, index) =>
      createEntry({
        ...about,
        runId: `sample@letter-${index}`,
        attempt: 0,
        event: 'discarded',
        at: '2026-11-26T09:00:00Z',
      }),
    )
    const runs = summarizeRuns([createEntry(about), createEntry({...about, event: 'succeeded'}), ...garbage], now)
    const status = toJobStatus(createSampleJob(), {schedules: new Map(), runs, deadLetters: []}, now)
    const rows = runs.map(summary => toRunRow(summary))
    assert.equal(toJobRows([status], rows)[0]?.lastRun?.runId, 'sample@1')
    assert.equal(toJobRows([{...status, lastRun: undefined}], rows)[0]?.lastRun, null)
  })
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
