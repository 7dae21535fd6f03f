import assert from 'node:assert/strict'
import {toPlain} from '../../../deploy/cli/plain-text.ts'
import {type CheckResults, describeSchedule, toJobStatus} from '../../../deploy/list/job-status.ts'
import {formatStatusTable} from '../../../deploy/list/status-table.ts'
import {summarizeRuns, toAbsentRun} from '../../../deploy/runs/run-summary.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const now = new Date('2026-11-23T10:00:00Z')
const daily = createSampleJob({path: 'functions/daily/report.ts', schedule: '0 8 * * *', secrets: []})
const monthly = createSampleJob({path: 'functions/monthly/report.ts', schedule: '5 0 1 * *', secrets: []})
const manual = createSampleJob()

const ran = (at: string, seconds: number) => {
  const about = {runId: `daily-report@${at}`, job: 'daily-report'}
  const end = new Date(Date.parse(at) + seconds * 1000).toISOString()
  return [createEntry({...about, at}), createEntry({...about, event: 'succeeded', summary: 'done', at: end})]
}
const findings = (given: Partial<CheckResults> = {}): CheckResults => ({
  schedules: new Map(),
  runs: [],
  deadLetters: [],
  ...given,
})

describe('toJobStatus', () => {
  it('knows when a job runs next, unless its schedule is paused', () => {
    const next = (state: 'enabled' | 'paused') =>
      toJobStatus(daily, findings({schedules: new Map([['daily-report', state]])}), now).nextRunAt?.toISOString()
    assert.equal(next('enabled'), '2026-11-24T08:00:00.000Z')
    assert.equal(next('paused'), undefined)
  })

  it('shows the latest run that there was, whatever was missed since', () => {
    const entries = [...ran('2026-11-20T08:00:00Z', 1), ...ran('2026-11-21T08:00:00Z', 2)]
    const missed = toAbsentRun(daily, new Date('2026-11-22T08:00:00Z'), 'daily-report@x', 'missed')
    const {lastRun, missed: count} = toJobStatus(daily, findings({runs: [...summarizeRuns(entries, now), missed]}), now)
    assert.equal(lastRun?.at.toISOString(), '2026-11-21T08:00:00.000Z')
    assert.equal(lastRun?.durationMilliseconds, 2000)
    assert.equal(count, 1)
  })

  it('does not take a message that was discarded unread for the last run', () => {
    const about = {runId: 'daily-report@letter-7', job: 'daily-report', attempt: 0, at: '2026-11-22T08:00:00Z'}
    const unread = [
      createEntry({...about, event: 'failed', error: createFinalError('unreadable', '7')}),
      createEntry({...about, event: 'discarded', summary: 'garbage'}),
    ]
    const lastOf = (entries: readonly LedgerEntry[]) =>
      toJobStatus(daily, findings({runs: summarizeRuns(entries, now)}), now).lastRun
    assert.equal(lastOf([...ran('2026-11-21T08:00:00Z', 2), ...unread])?.outcome, 'succeeded')
    assert.equal(lastOf(unread), null)
  })

  it('does not take a run that was cancelled, discarded or left out before it started for the last run', () => {
    for (const event of ['cancelled', 'discarded', 'skipped'] as const) {
      const claimed = createEntry({runId: 'daily-report@7', job: 'daily-report', event, at: '2026-11-22T08:00:00Z'})
      const runs = summarizeRuns([...ran('2026-11-21T08:00:00Z', 2), claimed], now)
      assert.equal(toJobStatus(daily, findings({runs}), now).lastRun?.outcome, 'succeeded')
    }
  })

  it('takes a run of which the ledger has only the end for the last run', () => {
    const end = createEntry({runId: 'daily-report@7', job: 'daily-report', event: 'skipped', durationMilliseconds: 900})
    assert.equal(toJobStatus(daily, findings({runs: summarizeRuns([end], now)}), now).lastRun?.outcome, 'skipped')
  })

  it('does not take a run that changed nothing for the last one', () => {
    const job = createSampleJob({readOnly: args => args['org'] === 'none'})
    const run = (at: string, args: Record<string, unknown>) => {
      const about = {runId: `sample@${at}`, job: 'sample', args}
      return [createEntry({...about, at}), createEntry({...about, event: 'succeeded', at})]
    }
    const entries = [...run('2026-11-20T08:00:00Z', {}), ...run('2026-11-21T08:00:00Z', {org: 'none'})]
    const {lastRun} = toJobStatus(job, findings({runs: summarizeRuns(entries, now)}), now)
    assert.equal(lastRun?.at.toISOString(), '2026-11-20T08:00:00.000Z')
  })

  it('counts what was missed in the last week, and the latest slot of a rarer schedule', () => {
    const missed = (job: typeof daily, slot: string) => toAbsentRun(job, new Date(slot), slot, 'missed')
    const runs = [
      missed(daily, '2026-11-10T08:00:00Z'),
      missed(daily, '2026-11-22T08:00:00Z'),
      missed(monthly, '2026-10-01T00:05:00Z'),
      missed(monthly, '2026-11-01T00:05:00Z'),
    ]
    assert.equal(toJobStatus(daily, findings({runs}), now).missed, 1)
    assert.equal(toJobStatus(monthly, findings({runs}), now).missed, 1)
  })

  it('tells what is unknown from what is not there', () => {
    const nothing = toJobStatus(daily, findings(), now)
    assert.deepEqual([nothing.trigger, nothing.lastRun, nothing.deadLetters], ['absent', null, 0])
    const unknown = toJobStatus(daily, {schedules: undefined, runs: undefined, deadLetters: undefined}, now)
    assert.deepEqual([unknown.trigger, unknown.lastRun, unknown.missed, unknown.deadLetters], Array(4).fill(undefined))
    assert.equal(toJobStatus(manual, findings(), now).trigger, null)
  })
})

describe('describeSchedule', () => {
  it('says a schedule in words', () => {
    assert.equal(describeSchedule('0 8 * * *'), 'At 08:00, every day')
    assert.equal(describeSchedule('5 0 1 * *'), 'At 00:05, on day 1 of the month')
  })
})

describe('formatStatusTable', () => {
  const line = (timeZone: string, given: Partial<CheckResults> = {}, columns?: number) => {
    const schedules = new Map([['daily-report', 'enabled' as const]])
    const status = toJobStatus(daily, findings({schedules, ...given}), now)
    return toPlain(formatStatusTable([status], {now, timeZone, columns})).split('\n')
  }

  it('gives the next run in UTC and in the operator’s time, with the day where that is another', () => {
    assert.match(line('Europe/Berlin')[1] ?? '', / 24 Nov 08:00 UTC, 09:00 CET {2}/)
    assert.match(line('Pacific/Auckland')[1] ?? '', / 24 Nov 08:00 UTC, 21:00 GMT\+13 {2}/)
    assert.match(line('Pacific/Honolulu')[1] ?? '', / 24 Nov 08:00 UTC, 23 Nov 22:00 GMT-10 {2}/)
    assert.match(line('UTC')[1] ?? '', / 24 Nov 08:00 UTC {2}/)
  })

  it('says the schedule in words and as cron, and fits in 80 columns', () => {
    const lines = line('Europe/Berlin', {runs: summarizeRuns(ran('2026-11-21T08:00:00Z', 61), now)}, 80)
    assert.equal(lines.at(-1), '    schedule At 08:00, every day, UTC (0 8 * * *)')
    assert.match(lines[1] ?? '', /cloudact-daily-report {2}enabled {2}succeeded in 1 min 1 s, 2 d ago {2}0$/)
    assert.match(lines[2] ?? '', /dead letters 0 {2}next run 24 Nov 08:00 UTC, 09:00 CET$/)
    assert.ok(lines.every(text => text.length <= 80))
  })

  it('leaves out a column that is empty for every job, and names the schedule', () => {
    const table = (trigger: 'off' | 'enabled', columns?: number) => {
      const found = findings({schedules: new Map([['daily-report', trigger]])})
      const statuses = [daily, manual].map(job => toJobStatus(job, found, now))
      return toPlain(formatStatusTable(statuses, {now, timeZone: 'UTC', columns})).split('\n')
    }
    assert.match(table('off')[0] ?? '', / missed {2}dead letters {2}schedule$/)
    assert.match(table('enabled')[0] ?? '', / missed {2}dead letters {2}next run +schedule$/)
    const narrow = table('off', 80)
    assert.doesNotMatch(narrow.join('\n'), /next run/)
    assert.equal(narrow.filter(text => /^ {4}.*schedule At 08:00, every day, UTC \(0 8/.test(text)).length, 1)
    assert.equal(narrow.filter(text => text.includes('schedule')).length, 1)
  })

  it('shows a question mark for what could not be read', () => {
    assert.match(
      line('UTC', {schedules: undefined, runs: undefined, deadLetters: undefined})[1] ?? '',
      / \? +\? +\? +\? +24 Nov/,
    )
  })
})
