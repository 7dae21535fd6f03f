import assert from 'node:assert/strict'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {alignRows} from '../../../deploy/cli/align-rows.ts'
import {toPlain, toWords} from '../../../deploy/cli/plain-text.ts'
import {exitCodeOf, formatRunReport} from '../../../deploy/runs/run-report.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'

const environment = parseEnvironmentName('stage', {})

/** As a person reads it. */
function report(entry: LedgerEntry, attempts = 1): string[] {
  const options = {attempts, totalMilliseconds: 12_340, environment, logHint: 'look there'}
  return toPlain(formatRunReport(entry, options)).split('\n')
}

describe('formatRunReport', () => {
  it('shows outcome, time, summary and counts of a success, and nothing to do', () => {
    const entry = createEntry({
      event: 'succeeded',
      summary: '12 tables created',
      counts: {tablesCreated: 12, rows: 1_234_567},
    })
    assert.deepEqual(report(entry), [
      '✔ succeeded in 12.3 s: 12 tables created',
      '  tables created  12',
      '  rows            1,234,567',
    ])
  })

  it('says how many attempts it took, if more than one', () => {
    assert.equal(
      report(createEntry({event: 'skipped', summary: 'not the 1st'}), 3)[0],
      '– skipped in 12.3 s, 3 attempts: not the 1st',
    )
  })

  it('shows warnings below the summary', () => {
    assert.deepEqual(report(createEntry({event: 'succeeded', summary: 'done\nWarning: slow'})), [
      '✔ succeeded in 12.3 s: done',
      '  Warning: slow',
    ])
  })

  it('shows what failed, why, and what to do now', () => {
    const error = {...createFinalError('permanent', '77'), details: ['table a', 'table b']}
    assert.deepEqual(report(createEntry({event: 'failed', summary: 'two broke', error})), [
      '✖ failed in 12.3 s: the API said no',
      '  • table a',
      '  • table b',
      '',
      'What now',
      '  history      npm run runs -- stage bootstrap@1',
      '  dead letter  77 (permanent): npm run dead-letters -- stage show 77',
      '  replay       npm run replay -- stage 77   (once it is fixed)',
      '  logs         look there',
    ])
  })

  it('asks to look first where the outcome is unknown', () => {
    const lines = report(createEntry({event: 'failed', error: createFinalError('unknown outcome', '77')}))
    assert.deepEqual(lines.slice(lines.indexOf('What now') + 2), [
      '  dead letter  77 (unknown outcome): npm run dead-letters -- stage show 77   (says what to check)',
      '  discard      npm run dead-letters -- stage discard 77 --reason "…"   (if it was done)',
      '  replay       npm run replay -- stage 77 --force   (only if it was not done)',
      '  logs         look there',
    ])
  })

  it('discards what nothing can read rather than replaying it', () => {
    const lines = report(createEntry({event: 'failed', error: createFinalError('unreadable', '77')}))
    assert.deepEqual(lines.slice(lines.indexOf('What now') + 2), [
      '  dead letter  77 (unreadable): npm run dead-letters -- stage show 77',
      '  discard      npm run dead-letters -- stage discard 77 --reason "…"',
      '  replay       npm run replay -- stage 77   (only once its job can read it)',
      '  logs         look there',
    ])
  })

  it('has nothing to replay of a degraded run', () => {
    const error = {...createFinalError(undefined), details: ['acme: denied']}
    const lines = report(createEntry({event: 'degraded', summary: '1 of 9 failed', error}))
    assert.deepEqual(lines, [
      '! degraded in 12.3 s: 1 of 9 failed',
      '  • acme: denied',
      '',
      'What now',
      '  history  npm run runs -- stage bootstrap@1',
      '  logs     look there',
    ])
  })

  it('shows 25 errors and counts the rest', () => {
    const details = Array.from({length: 40}, (_, index) => `error ${index}`)
    const lines = report(
      createEntry({event: 'degraded', summary: 's', error: {...createFinalError(undefined), details}}),
    )
    assert.equal(lines.filter(line => line.startsWith('  •')).length, 25)
    assert.ok(lines.includes("  … and 15 more, all in the run's history"))
  })
})

describe('exitCodeOf', () => {
  for (const [event, code] of [
    ['succeeded', 0],
    ['skipped', 0],
    ['failed', 1],
    ['degraded', 3],
  ] as const) {
    it(`is ${code} for ${event}`, () => assert.equal(exitCodeOf(createEntry({event})), code))
  }
})

describe('alignRows', () => {
  it('is nothing of nothing', () => assert.deepEqual(alignRows([]), []))
})

describe('toWords', () => {
  it('makes words of a name', () => assert.equal(toWords('tablesWithMissingColumns'), 'tables with missing columns'))
})
