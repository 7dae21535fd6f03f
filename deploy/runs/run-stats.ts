import {styleText} from 'node:util'
import {formatDuration} from '../cli/duration.ts'
import {formatTable} from '../cli/table.ts'
import type {RunSummary} from './run-summary.ts'

/** How a job's runs went in a period. */
export type JobStats = {
  readonly job: string
  /** Runs that are over, and those that were missed. */
  readonly runs: number
  /** Of these, the share that succeeded, was degraded or rightly skipped; undefined without runs. */
  readonly successRate: number | undefined
  readonly p50Milliseconds: number | undefined
  readonly p95Milliseconds: number | undefined
  /** The median of the later half against that of the earlier: 1.5 is half as long again. */
  readonly trend: number | undefined
}

const good = new Set(['succeeded', 'degraded', 'skipped'])
const bad = new Set(['failed', 'abandoned', 'missed'])

/** @param runs in the order of their times. What is under way, discarded or cancelled says nothing. */
export function toStats(runs: readonly RunSummary[]): JobStats[] {
  const over = runs.filter(({outcome}) => good.has(outcome) || bad.has(outcome))
  return [...Map.groupBy(over, ({job}) => job)].map(([job, own]) => {
    const durations = own.flatMap(({outcome, durationMilliseconds: duration}) =>
      good.has(outcome) && duration !== undefined ? [duration] : [],
    )
    const half = Math.floor(durations.length / 2)
    const earlier = quantile(durations.slice(0, half), 0.5)
    const later = quantile(durations.slice(half), 0.5)
    return {
      job,
      runs: own.length,
      successRate: own.length === 0 ? undefined : own.filter(({outcome}) => good.has(outcome)).length / own.length,
      p50Milliseconds: quantile(durations, 0.5),
      p95Milliseconds: quantile(durations, 0.95),
      trend: earlier === undefined || later === undefined || earlier === 0 ? undefined : later / earlier,
    }
  })
}

/** The smallest value that this share of all does not exceed (nearest rank). */
function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}

export function formatStats(stats: readonly JobStats[], columns?: number | undefined): string {
  return formatTable(
    ['job', 'runs', 'success', 'p50', 'p95', 'trend'],
    stats.map(({job, runs, successRate, p50Milliseconds, p95Milliseconds, trend}) => [
      job,
      String(runs),
      formatRate(successRate),
      p50Milliseconds === undefined ? '–' : formatDuration(p50Milliseconds),
      p95Milliseconds === undefined ? '–' : formatDuration(p95Milliseconds),
      formatTrend(trend),
    ]),
    columns,
  )
}

function formatRate(rate: number | undefined): string {
  if (rate === undefined) return '–'
  const text = `${(Math.floor(rate * 1000) / 10).toFixed(1)} %`
  return rate === 1 ? styleText('green', text) : rate < 0.9 ? styleText('red', text) : styleText('yellow', text)
}

function formatTrend(trend: number | undefined): string {
  if (trend === undefined) return '–'
  const percent = Math.round((trend - 1) * 100)
  if (Math.abs(percent) < 10) return 'steady'
  return percent > 0 ? styleText('yellow', `${percent} % slower`) : `${-percent} % faster`
}
