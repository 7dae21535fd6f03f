import assert from 'node:assert/strict'
import {toPlain} from '../../../deploy/cli/plain-text.ts'
import {formatHistory} from '../../../deploy/runs/history-table.ts'
import {createEntry} from '../../support/ledger-entry.ts'

describe('formatHistory', () => {
  it('shows when an attempt began, also one of which the ledger learned only the end', () => {
    const history = [
      createEntry({event: 'failed', at: '2026-11-23T08:00:20Z', durationMilliseconds: 15_000}),
      createEntry({attempt: 2, at: '2026-11-23T08:00:30Z'}),
      createEntry({attempt: 2, at: '2026-11-23T08:00:40Z', event: 'succeeded', durationMilliseconds: 10_000}),
    ]
    const [, first = '', second = ''] = toPlain(formatHistory(history)).split('\n')
    assert.match(first, /^ *1 +1 +.*08:00:05 +15\.0 s +failed/)
    assert.match(second, /^ *2 +1 +.*08:00:30 +10\.0 s +succeeded/)
  })
})
