import assert from 'node:assert/strict'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {toPlain} from '../../../deploy/cli/plain-text.ts'
import {formatRun} from '../../../deploy/runs/run-detail.ts'
import {summarizeRun} from '../../../deploy/runs/run-summary.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry} from '../../support/ledger-entry.ts'

const format = (now: string, ...history: LedgerEntry[]) => {
  const run = summarizeRun(history, new Date(now)) ?? assert.fail()
  const environment = parseEnvironmentName('local', {})
  return toPlain(formatRun(run, history, {job: undefined, environment, logHint: () => 'here'}))
}

describe('formatRun', () => {
  it('says of a run that goes on why it last failed, and what to do', () => {
    const at = '2026-11-23T08:00:00Z'
    const text = format(
      '2026-11-23T08:00:30Z',
      createEntry({at}),
      createEntry({at, event: 'progress', summary: 'bootstrap status: try 4 of 7 failed: HTTP 500'}),
      createEntry({at, event: 'progress'}),
    )
    assert.match(text, /^running\. The last failure: bootstrap status: try 4 of 7 failed: HTTP 500$/m)
    const steps = text.slice(text.indexOf('What now')).replaceAll(/ +/g, ' ')
    assert.equal(
      steps,
      [
        'What now',
        ' follow npm run runs -- local bootstrap@1 --follow',
        ' causes npm run doctor -- local',
        ' logs here',
        ' cancel npm run cancel -- local bootstrap@1',
      ].join('\n'),
    )
  })

  it('has nothing to follow where an attempt was abandoned, and nothing to do where the run was given up', () => {
    const abandoned = format('2026-11-23T10:00:00Z', createEntry())
    assert.match(abandoned, /\nabandoned\n\nWhat now\n +causes /)
    const discarded = format('2026-11-23T10:00:00Z', createEntry({attempt: 0, event: 'discarded', summary: 'by ada'}))
    assert.doesNotMatch(discarded, /What now/)
  })
})
