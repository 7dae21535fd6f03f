import type {JobStatus} from '../../list/job-status.ts'
import type {JobRow, RunRow} from '../page/base/wire.ts'

const stripLength = 30

/** Every job with its last 30 runs, missed ones included. */
export function toJobRows(statuses: readonly JobStatus[], rows: readonly RunRow[]): JobRow[] {
  const byJob = Map.groupBy(rows, ({job}) => job)
  return statuses.map(status => {
    const own = (byJob.get(status.job.name) ?? []).toSorted((a, b) => a.at.localeCompare(b.at))
    const strip = own.slice(-stripLength)
    return {
      name: status.job.name,
      functionName: status.job.functionName,
      summary: status.job.summary,
      schedule: status.schedule,
      cron: status.job.schedule ?? null,
      nextRunAt: status.nextRunAt?.toISOString() ?? null,
      scheduleState: status.trigger ?? (status.job.schedule === undefined ? null : 'unknown'),
      missed: status.missed ?? null,
      deadLetters: status.deadLetters ?? null,
      strip,
      lastRun: own.find(({runId}) => runId === status.lastRun?.runId) ?? null,
      unusual: describeUnusual(strip),
    }
  })
}

/** `0 organizations processed, usually about 12`: where the last success differs from the ones before by half or more. */
export function describeUnusual(strip: readonly RunRow[]): string | null {
  const good = strip.filter(({outcome}) => outcome === 'succeeded' || outcome === 'degraded')
  const last = good.at(-1)
  const before = good.slice(0, -1)
  if (last === undefined || before.length < 3) return null
  for (const [name, count] of Object.entries(last.counts)) {
    const usual = median(before.flatMap(({counts}) => counts[name] ?? []))
    if (usual >= 4 && (count <= usual / 2 || count >= usual * 2)) {
      const words = name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
      return `${count} ${words}, usually about ${usual}`
    }
  }
  return null
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
