import assert from 'node:assert/strict'
import type {SlotCell} from '../../../../deploy/console/page/base/wire-views.ts'
import {toRunRow} from '../../../../deploy/console/views/run-row.ts'
import {toSlotCalendar} from '../../../../deploy/console/views/slot-calendar.ts'
import {summarizeRuns, toAbsentRun} from '../../../../deploy/runs/run-summary.ts'
import {toSkipEntry} from '../../../../deploy/schedules/skip-entry.ts'
import type {LedgerEntry} from '../../../../lib/ledger/ledger-entry.ts'
import {createEntry, createFinalError} from '../../../support/ledger-entry.ts'
import {createSampleJob} from '../../../support/sample-job.ts'

const alerts = createSampleJob({path: 'functions/daily/alerts.ts', schedule: '0 8 * * *'})
const now = new Date('2026-11-26T12:00:00Z')
const slot = (day: string) => new Date(`2026-11-${day}T08:00:00Z`)
const runId = (day: string) => `daily-alerts@2026-11-${day}T08:00Z`
const known = {
  states: new Map([['daily-alerts', 'enabled' as const]]),
  limits: {deployedSince: new Map<string, Date>(), pausedSince: new Map<string, Date>()},
}

function cells(
  entries: readonly LedgerEntry[],
  given: Partial<Parameters<typeof toSlotCalendar>[0]> & {absent?: ReturnType<typeof toAbsentRun>[]} = {},
): readonly SlotCell[] {
  const runs = Map.groupBy(entries, entry => entry.runId)
  const {absent = [], ...rest} = given
  const rows = [...summarizeRuns(entries, rest.now ?? now), ...absent].map(run => toRunRow(run, runs.get(run.runId)))
  const from = new Date('2026-11-26T00:00:00Z')
  const to = new Date('2026-11-27T00:00:00Z')
  const calendar = toSlotCalendar({jobs: [alerts], rows, runs, schedules: known, isKnown: true, from, to, now, ...rest})
  return calendar.jobs.flatMap(({slots}) => slots)
}

function ran(day: string, at: string, event: 'succeeded' | 'failed' = 'succeeded'): LedgerEntry[] {
  const run = {runId: runId(day), job: 'daily-alerts'}
  const error = event === 'failed' ? {error: createFinalError('permanent')} : {}
  return [createEntry({...run, at}), createEntry({...run, at, event, ...error})]
}

describe('toSlotCalendar', () => {
  it('tells a run in time from a late one, with the outcome of each', () => {
    const [inTime] = cells(ran('26', '2026-11-26T08:04:59.000Z', 'failed'))
    assert.deepEqual(inTime, {
      at: slot('26').toISOString(),
      state: 'ran',
      runId: runId('26'),
      outcome: 'failed',
      startedAt: '2026-11-26T08:04:59.000Z',
    })
    const [late] = cells(ran('26', '2026-11-26T08:05:01.000Z'))
    assert.deepEqual([late?.state, late?.outcome], ['late', 'succeeded'])
  })

  it('tells what is due just now from what is overdue, and both from what was missed', () => {
    for (const [at, outcome, state] of [
      ['08:03', 'pending', 'due'],
      ['08:20', 'pending', 'late'],
      ['09:30', 'missed', 'missed'],
    ] as const) {
      const moment = new Date(`2026-11-26T${at}:00Z`)
      const absent = [toAbsentRun(alerts, slot('26'), runId('26'), outcome)]
      assert.deepEqual(
        cells([], {absent, now: moment}).map(cell => cell.state),
        [state],
      )
    }
  })

  it('shows slots of a pause, while it lasts and once resume has recorded them', () => {
    const limits = {...known.limits, pausedSince: new Map([['daily-alerts', slot('25')]])}
    const schedules = {states: new Map([['daily-alerts', 'paused' as const]]), limits}
    const span = {from: slot('25'), to: slot('29')}
    const entries = ran('25', '2026-11-25T08:00:10.000Z')
    assert.deepEqual(
      cells(entries, {schedules, ...span}).map(({state}) => state),
      ['ran', 'paused', 'paused', 'paused'],
    )
    const about = {requestedBy: 'anna@desk', at: now, command: 'resume'} as const
    const skipped = toSkipEntry({job: alerts, runId: runId('26')}, 'its schedule was paused', about)
    assert.deepEqual(
      cells([...entries, skipped], span).map(({state}) => state),
      ['ran', 'paused', 'to come', 'to come'],
    )
  })

  it('shows nothing from before the first deployment, and slots to come only where something fires them', () => {
    const span = {from: slot('24'), to: slot('28')}
    const limits = {...known.limits, deployedSince: new Map([['daily-alerts', slot('26')]])}
    assert.deepEqual(
      cells(ran('26', '2026-11-26T08:00:10.000Z'), {...span, schedules: {...known, limits}}).map(({at}) => at),
      [slot('26'), slot('27')].map(at => at.toISOString()),
    )
    const off = {...known, states: new Map([['daily-alerts', 'off' as const]])}
    assert.equal(cells([], {...span, schedules: off}).at(-1)?.state, 'off')
  })

  it('says unknown, and not that all is well, where the ledger or the schedules could not be read', () => {
    assert.deepEqual(
      cells([], {isKnown: false}).map(({state}) => state),
      ['unknown'],
    )
    const tomorrow = {from: slot('27'), to: slot('28'), schedules: undefined}
    assert.deepEqual(
      cells([], tomorrow).map(({state}) => state),
      ['unknown'],
    )
  })
})
