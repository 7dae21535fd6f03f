import assert from 'node:assert/strict'
import {toPlain} from '../../../deploy/cli/plain-text.ts'
import {summarizeRun} from '../../../deploy/runs/run-summary.ts'
import {formatRunTable} from '../../../deploy/runs/run-table.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const manualCheck = `Check the mail. ${'Then check it again. '.repeat(30)}`.trim()
const job = createSampleJob({idempotent: false, manualCheck})

function rowOf(end: Partial<Parameters<typeof createEntry>[0]>): string {
  const own = {runId: `${job.name}@1`, job: job.name}
  const run = summarizeRun([createEntry(own), createEntry({...own, ...end})], new Date('2026-11-23T10:00:00Z'))
  assert.ok(run !== undefined)
  return toPlain(formatRunTable([run], {jobs: [job]})).split('\n')[1] ?? ''
}

describe('formatRunTable', () => {
  it('shortens what went well, and keeps its lines apart', () => {
    const files = Array.from({length: 60}, (_, index) => `${index}_file.sql`).join(', ')
    const row = rowOf({event: 'succeeded', summary: `60 applied: ${files}\nof a folder`})
    assert.ok(row.length < 260, `${row.length} characters: ${row}`)
    assert.match(row, /60 applied: 0_file\.sql.*…$/)
    assert.match(rowOf({event: 'succeeded', summary: '1 applied\nWarning: slow'}), / 1 applied; Warning: slow$/)
  })

  it('has the whole of what went wrong, but not what to check: the run itself says it', () => {
    const message = `Outcome unknown: it broke off. ${manualCheck} To run it again: …`
    const error = {...createFinalError('unknown outcome', '77'), message}
    assert.match(rowOf({event: 'failed', error}), / Outcome unknown: it broke off\.$/)
    const long = `HTTP 500 ${'x'.repeat(300)} because`
    assert.match(rowOf({event: 'failed', error: {...createFinalError('permanent', '77'), message: long}}), /x because$/)
  })
})
