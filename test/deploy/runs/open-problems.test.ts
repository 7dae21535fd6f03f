import assert from 'node:assert/strict'
import {findProblems} from '../../../deploy/runs/open-problems.ts'
import {type RunOutcome, summarizeRun, toAbsentRun} from '../../../deploy/runs/run-summary.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const now = new Date('2026-11-26T12:00:00Z')
const daily = createSampleJob({path: 'functions/daily/report.ts', schedule: '0 8 * * *', missed: 'latest'})
const eachSlot = createSampleJob({path: 'functions/daily/report.ts', schedule: '0 8 * * *', missed: 'each'})
const monthly = createSampleJob({path: 'functions/monthly/report.ts', schedule: '5 0 1 * *'})

const run = (outcome: RunOutcome, at: string, job = 'bootstrap') => {
  const summary = summarizeRun([createEntry({at, job, runId: `${job}@${at}`})], now) ?? assert.fail()
  return {...summary, outcome}
}
const find = (runs: Parameters<typeof findProblems>[0], more: Partial<Parameters<typeof findProblems>[1]> = {}) =>
  findProblems(runs, {jobs: [daily, monthly], withDeadLetter: new Set(), now, ...more}).map(
    ({run: {runId}, reason, settledBy}) => [runId.split('@')[1], reason, settledBy?.runId.split('@')[1]],
  )

describe('findProblems', () => {
  it('has none where runs are well, on their way, or given up by a person', () => {
    const outcomes = ['succeeded', 'skipped', 'running', 'continuing', 'discarded', 'cancelled', 'pending'] as const
    assert.deepEqual(find(outcomes.map((outcome, hour) => run(outcome, `2026-11-26T0${hour}:00Z`))), [])
  })

  it('has what failed, is degraded or stuck, until a later run of the job succeeds', () => {
    const at = '2026-11-26T08:00Z'
    for (const [outcome, reason] of [
      ['failed', 'failed'],
      ['degraded', 'degraded'],
      ['abandoned', 'stuck'],
    ] as const) {
      const bad = run(outcome, at)
      assert.deepEqual(find([bad]), [[at, reason, undefined]])
      assert.deepEqual(find([run('succeeded', '2026-11-26T07:00Z'), bad]), [[at, reason, undefined]])
      assert.deepEqual(find([run('succeeded', '2026-11-26T09:00Z', 'other'), bad]), [[at, reason, undefined]])
      assert.deepEqual(find([bad, run('succeeded', '2026-11-26T09:00Z')]), [[at, reason, '2026-11-26T09:00Z']])
    }
  })

  it('takes no run that changed nothing for one that made up for it', () => {
    const job = createSampleJob({readOnly: args => args['dryRun'] === true})
    const degraded = run('degraded', '2026-11-26T08:00Z', 'sample')
    const dryRun = {...run('succeeded', '2026-11-26T09:00Z', 'sample'), args: {dryRun: true}}
    assert.deepEqual(find([degraded, dryRun], {jobs: [job]}), [['2026-11-26T08:00Z', 'degraded', undefined]])
  })

  it('keeps a failure open while its dead letter is there', () => {
    const failed = run('failed', '2026-11-26T08:00Z')
    const runs = [failed, run('succeeded', '2026-11-26T09:00Z')]
    assert.deepEqual(find(runs, {withDeadLetter: new Set([failed.runId])}), [
      ['2026-11-26T08:00Z', 'failed', undefined],
    ])
  })

  it('takes a run that is being retried for stuck after ten minutes', () => {
    assert.deepEqual(find([run('retrying', '2026-11-26T11:51:00Z')]), [])
    assert.deepEqual(find([run('retrying', '2026-11-26T11:49:00Z')]), [['2026-11-26T11:49:00Z', 'stuck', undefined]])
  })

  it('leaves out what is two weeks old, and slots of more than one but for the latest', () => {
    assert.deepEqual(find([run('failed', '2026-11-12T11:00:00Z')]), [])
    assert.equal(find([run('failed', '2026-11-12T13:00:00Z')]).length, 1)
    const missed = (job: typeof daily, slot: string) =>
      toAbsentRun(job, new Date(slot), `${job.name}@${slot}`, 'missed')
    const runs = [
      missed(daily, '2026-11-19T08:00Z'),
      missed(daily, '2026-11-20T08:00Z'),
      missed(monthly, '2026-10-01T00:05Z'),
      missed(monthly, '2026-11-01T00:05Z'),
    ]
    assert.deepEqual(
      find(runs).map(([slot]) => slot),
      ['2026-11-20T08:00Z', '2026-11-01T00:05Z'],
    )
  })

  it('takes a missed slot for made up by a later success, unless every slot runs', () => {
    const slot = '2026-11-25T08:00Z'
    const runs = [
      toAbsentRun(daily, new Date(slot), `daily-report@${slot}`, 'missed'),
      run('succeeded', '2026-11-26T08:00Z', 'daily-report'),
    ]
    assert.deepEqual(find(runs), [[slot, 'missed', '2026-11-26T08:00Z']])
    assert.deepEqual(find(runs, {jobs: [eachSlot]}), [[slot, 'missed', undefined]])
  })
})
