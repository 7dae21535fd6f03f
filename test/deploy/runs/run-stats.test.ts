import assert from 'node:assert/strict'
import {toPlain} from '../../../deploy/cli/plain-text.ts'
import {formatStats, toStats} from '../../../deploy/runs/run-stats.ts'
import type {RunOutcome, RunSummary} from '../../../deploy/runs/run-summary.ts'

const run = (outcome: RunOutcome, seconds?: number, job = 'daily-alerts'): RunSummary => ({
  runId: `${job}@1`,
  job,
  outcome,
  at: new Date(0),
  durationMilliseconds: seconds === undefined ? undefined : seconds * 1000,
  attempts: 1,
  parts: 1,
  trigger: 'schedule',
  requestedBy: 'unknown',
  text: '',
  args: {},
  deadLetterId: undefined,
})

describe('toStats', () => {
  it('counts what is over and was missed, and measures what went well', () => {
    const seconds = Array.from({length: 20}, (_, index) => run('succeeded', index < 10 ? 10 : 15))
    const others = [run('failed', 500), run('missed'), run('running'), run('discarded', 1), run('cancelled', 1)]
    const [stats] = toStats([...seconds, ...others])
    assert.deepEqual(stats, {
      job: 'daily-alerts',
      runs: 22,
      successRate: 20 / 22,
      p50Milliseconds: 10_000,
      p95Milliseconds: 15_000,
      trend: 1.5,
    })
    assert.match(toPlain(formatStats([stats])), /daily-alerts +22 +90\.9 % +10\.0 s +15\.0 s +50 % slower$/)
  })

  it('claims nothing where there is nothing to measure', () => {
    assert.deepEqual(toStats([run('running')]), [])
    const [stats] = toStats([run('missed', undefined, 'x')])
    assert.partialDeepStrictEqual(stats, {runs: 1, successRate: 0})
    assert.deepEqual([stats?.p50Milliseconds, stats?.p95Milliseconds, stats?.trend], [undefined, undefined, undefined])
  })
})
