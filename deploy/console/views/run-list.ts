import type {RunList, RunRow} from '../page/base/wire.ts'

const pageSize = 100

/** What the address of the runs view says; texts as they were typed. */
export type RunFilter = {
  readonly job?: string | undefined
  readonly outcome?: string | undefined
  /** Looked for in run id, text and counts, whatever the case. */
  readonly text?: string | undefined
  readonly who?: string | undefined
  readonly since?: Date | undefined
  readonly page?: number | undefined
}

/** One page of the runs that a filter matches, newest first. */
export function listRuns(rows: readonly RunRow[], filter: RunFilter): RunList {
  const text = filter.text?.toLowerCase() ?? ''
  const who = filter.who?.toLowerCase() ?? ''
  const since = filter.since?.toISOString() ?? ''
  const outcomes = new Set(filter.outcome?.split(',').filter(Boolean))
  const found = rows.filter(
    row =>
      row.at >= since &&
      (filter.job === undefined || filter.job === '' || row.job === filter.job) &&
      (outcomes.size === 0 || outcomes.has(row.outcome)) &&
      (who === '' || row.requestedBy.toLowerCase().includes(who)) &&
      (text === '' || `${row.runId} ${row.text}`.toLowerCase().includes(text)),
  )
  const sorted = found.toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.runId < b.runId ? 1 : -1))
  const pages = Math.max(1, Math.ceil(sorted.length / pageSize))
  const page = Math.min(Math.max(1, filter.page ?? 1), pages)
  return {rows: sorted.slice((page - 1) * pageSize, page * pageSize), total: sorted.length, page, pages}
}
