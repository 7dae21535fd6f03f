import assert from 'node:assert/strict'
import type {DeadLetterRow} from '../../../../deploy/console/page/base/wire.ts'
import {findAttention} from '../../../../deploy/console/views/attention.ts'
import {toRunRow} from '../../../../deploy/console/views/run-row.ts'
import {summarizeRuns, toAbsentRun} from '../../../../deploy/runs/run-summary.ts'
import type {LedgerEntry} from '../../../../lib/ledger/ledger-entry.ts'
import {createEntry, createFinalError} from '../../../support/ledger-entry.ts'
import {createSampleJob} from '../../../support/sample-job.ts'

const now = new Date('2026-11-26T12:00:00Z')
const alerts = createSampleJob({path: 'functions/daily/alerts.ts', schedule: '0 8 * * *'})

function find(entries: LedgerEntry[], more: Partial<Parameters<typeof findAttention>[0]> = {}) {
  const runs = Map.groupBy(entries, ({runId}) => runId)
  const rows = summarizeRuns(entries, now).map(run => toRunRow(run, runs.get(run.runId)))
  return findAttention({env: 'stage', rows, runs, deadLetters: [], jobs: [], now, ...more})
}

const failed = (runId: string, at: string, deadLetterId?: string) => [
  createEntry({runId, at}),
  createEntry({runId, event: 'failed', at, error: createFinalError('permanent', deadLetterId)}),
]

const deadLetter = (given: Partial<DeadLetterRow>): DeadLetterRow => ({
  id: '7',
  at: '2026-11-26T08:00:00.000Z',
  job: 'bootstrap',
  runId: null,
  kind: 'permanent',
  reason: 'the API said no',
  pattern: 'the API said no',
  attempts: 1,
  replays: 0,
  version: null,
  ...given,
})

describe('findAttention', () => {
  it('has nothing where all is well', () => {
    const good = [
      createEntry({at: '2026-11-26T08:00:00Z'}),
      createEntry({event: 'succeeded', at: '2026-11-26T08:00:01Z'}),
    ]
    assert.deepEqual(find(good), {open: [], settled: []})
  })

  it('shows a failed run with its dead letter as one thing, whose next step is the replay', () => {
    const {open} = find(failed('bootstrap@1', '2026-11-26T08:00:00Z', '7'), {
      deadLetters: [deadLetter({runId: 'bootstrap@1'})],
    })
    assert.deepEqual(
      open.map(({reason, step}) => [reason, step.command]),
      [['failed', 'npm run replay -- stage 7']],
    )
  })

  it('wants a check before an unknown outcome is replayed', () => {
    const entries = [
      createEntry({at: '2026-11-26T08:00:00Z'}),
      createEntry({event: 'failed', at: '2026-11-26T08:00:00Z', error: createFinalError('unknown outcome', '7')}),
    ]
    const {open} = find(entries, {deadLetters: [deadLetter({runId: 'bootstrap@1', kind: 'unknown outcome'})]})
    assert.deepEqual(
      open.map(({reason, step}) => [reason, step.label, step.command]),
      [['unknown outcome', 'Check, then replay', 'npm run dead-letters -- stage show 7']],
    )
  })

  it('says by whom and when a failure was settled by a replay', () => {
    const entries = [
      ...failed('bootstrap@1', '2026-11-26T08:00:00Z', '7'),
      createEntry({
        attempt: 2,
        trigger: 'replay',
        requestedBy: 'anna@desk',
        messageId: 'm-2',
        at: '2026-11-26T09:00:00Z',
      }),
      createEntry({
        attempt: 2,
        trigger: 'replay',
        requestedBy: 'anna@desk',
        messageId: 'm-2',
        event: 'succeeded',
        at: '2026-11-26T09:00:01Z',
      }),
    ]
    const {open, settled} = find(entries)
    assert.deepEqual(open, [])
    assert.deepEqual(
      settled.map(({settlement}) => settlement),
      [{by: 'anna@desk', how: 'replayed', at: '2026-11-26T09:00:01.000Z'}],
    )
  })

  it('takes a failure without a dead letter for settled once the job has succeeded again', () => {
    const entries = [
      ...failed('bootstrap@1', '2026-11-25T08:00:00Z'),
      createEntry({runId: 'bootstrap@2', at: '2026-11-26T08:00:00Z'}),
      createEntry({runId: 'bootstrap@2', event: 'succeeded', at: '2026-11-26T08:00:01Z'}),
    ]
    const {open, settled} = find(entries)
    assert.deepEqual(open, [])
    assert.match(settled[0]?.settlement?.how ?? '', /bootstrap@2/)
  })

  it('keeps a failure open whose dead letter is still there, whatever succeeded since', () => {
    const entries = [
      ...failed('bootstrap@1', '2026-11-25T08:00:00Z', '7'),
      createEntry({runId: 'bootstrap@2', at: '2026-11-26T08:00:00Z'}),
      createEntry({runId: 'bootstrap@2', event: 'succeeded', at: '2026-11-26T08:00:01Z'}),
    ]
    const {open} = find(entries, {deadLetters: [deadLetter({runId: 'bootstrap@1'})]})
    assert.equal(open.length, 1)
  })

  it('keeps a failure open whose dead letter names no run, and shows the two as one thing', () => {
    const entries = [
      ...failed('bootstrap@letter-7', '2026-11-25T08:00:00Z', '7'),
      createEntry({runId: 'bootstrap@2', at: '2026-11-26T08:00:00Z'}),
      createEntry({runId: 'bootstrap@2', event: 'succeeded', at: '2026-11-26T08:00:01Z'}),
    ]
    const {open, settled} = find(entries, {deadLetters: [deadLetter({kind: 'unreadable'})]})
    assert.deepEqual([open.length, settled.length], [1, 0])
  })

  it('shows dead letters of no run, paused schedules and missed slots', () => {
    const missed = toRunRow(
      toAbsentRun(alerts, new Date('2026-11-25T08:00:00Z'), 'daily-alerts@2026-11-25T08:00', 'missed'),
    )
    const {open} = find([], {
      rows: [missed],
      deadLetters: [deadLetter({job: null})],
      jobs: [{name: 'daily-alerts', scheduleState: 'paused'}],
    })
    assert.deepEqual(open.map(({reason}) => reason).sort(), ['dead letter', 'missed', 'paused'])
  })

  it('keeps a degraded run until a later run of the job succeeds', () => {
    const about = {runId: 'bootstrap@1', at: '2026-11-25T08:00:00Z'}
    const degraded = [createEntry(about), createEntry({...about, event: 'degraded', summary: '1 failed'})]
    assert.deepEqual(
      find(degraded).open.map(({reason, step}) => [reason, step.command]),
      [['degraded', 'npm run runs -- stage bootstrap@1']],
    )
    const good = ['started', 'succeeded'].map(event =>
      createEntry({runId: 'bootstrap@2', event: event === 'started' ? event : 'succeeded', at: '2026-11-26T08:00:00Z'}),
    )
    assert.deepEqual(find([...degraded, ...good]).open, [])
  })

  it('makes one thing of all slots that a job has missed, and closes it by a later success only where that makes up', () => {
    const missed = ['24', '25'].map(day =>
      toRunRow(
        toAbsentRun(alerts, new Date(`2026-11-${day}T08:00:00Z`), `daily-alerts@2026-11-${day}T08:00Z`, 'missed'),
      ),
    )
    const {open} = find([], {rows: missed})
    assert.deepEqual(
      open.map(({reason, runId, step}) => [reason, runId, step.path]),
      [
        [
          'missed',
          'daily-alerts@2026-11-25T08:00Z',
          `#/timeline?range=7d&slot=${encodeURIComponent('daily-alerts@2026-11-25T08:00Z,daily-alerts@2026-11-24T08:00Z')}`,
        ],
      ],
    )
    assert.match(open[0]?.text ?? '', /^2 slots were due, .*2026-11-24, 08:00 UTC$/)
    const good = {
      ...(missed[0] ?? assert.fail()),
      runId: 'daily-alerts@1',
      outcome: 'succeeded' as const,
      at: now.toISOString(),
    }
    assert.deepEqual(find([], {rows: [...missed, good]}).open, [])
    assert.equal(find([], {rows: [...missed, good], catalogue: [{...alerts, missed: 'each'}]}).open.length, 1)
  })

  it('makes one thing of what failed for one reason, replayed together, and shows what may be half done first', () => {
    const alike = ['1', '2', '3'].flatMap(id => failed(`bootstrap@${id}`, `2026-11-26T08:0${id}:00Z`, id))
    const unknown = [
      createEntry({runId: 'bootstrap@9', at: '2026-11-26T07:00:00Z'}),
      createEntry({
        runId: 'bootstrap@9',
        event: 'failed',
        at: '2026-11-26T07:00:00Z',
        error: createFinalError('unknown outcome', '9'),
      }),
    ]
    const {open} = find([...alike, ...unknown], {
      deadLetters: [
        ...['1', '2', '3'].map(id => deadLetter({id, runId: `bootstrap@${id}`})),
        deadLetter({id: '9', runId: 'bootstrap@9', kind: 'unknown outcome'}),
      ],
      jobs: [{name: 'daily-alerts', scheduleState: 'paused'}],
      pausedSince: new Map([['daily-alerts', new Date('2026-11-20T08:00:00Z')]]),
    })
    assert.deepEqual(
      open.map(({reason, count, step, at}) => [reason, count, step.command, at.slice(0, 10)]),
      [
        ['unknown outcome', 1, 'npm run dead-letters -- stage show 9', '2026-11-26'],
        ['failed', 3, 'npm run replay -- stage 3 2 1', '2026-11-26'],
        ['paused', 1, 'npm run resume -- stage daily-alerts', '2026-11-20'],
      ],
    )
    assert.equal(open[1]?.step.path, `#/dead-letters?ids=${encodeURIComponent('3,2,1')}`)
  })
})
