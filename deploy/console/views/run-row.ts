import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {type RunSummary, summarizeRun} from '../../runs/run-summary.ts'
import type {RunRow} from '../page/base/wire.ts'

/** A run as the page's tables show it, from the summary that `npm run runs` prints. */
export function toRunRow(run: RunSummary, history: readonly LedgerEntry[] = []): RunRow {
  const {deadLetterId, at} = run
  // The end of an attempt isn't the end of its run.
  const durationMilliseconds = isOpen(run) ? undefined : run.durationMilliseconds
  const counts = history.findLast(entry => entry.counts !== undefined)?.counts ?? {}
  const last = history.at(-1)
  return {
    runId: run.runId,
    job: run.job,
    outcome: run.outcome,
    at: at.toISOString(),
    endedAt: durationMilliseconds === undefined ? null : (last?.at ?? at).toISOString(),
    durationMilliseconds: durationMilliseconds ?? null,
    attempts: run.attempts,
    parts: run.parts,
    trigger: run.trigger,
    requestedBy: run.requestedBy,
    text: run.text,
    deadLetterId: deadLetterId ?? null,
    counts,
  }
}

export type KnownRun = {readonly summary: RunSummary; readonly row: RunRow}

/**
 * Rows of many runs. A run whose history has not changed is summarized once: a view of 100,000 runs is a filter, not a
 * computation.
 */
export function createRunRows(): (runs: ReadonlyMap<string, readonly LedgerEntry[]>, now: Date) => KnownRun[] {
  const cached = new Map<string, {size: number; run: KnownRun}>()
  return (runs, now) =>
    [...runs].flatMap(([runId, history]) => {
      const found = cached.get(runId)
      if (found !== undefined && found.size === history.length && !isOpen(found.run.row)) return [found.run]
      const summary = summarizeRun(history, now)
      if (summary === undefined) return []
      const run = {summary, row: toRunRow(summary, history)}
      cached.set(runId, {size: history.length, run})
      return [run]
    })
}

/** Whether time alone may change what is said of a run. */
export function isOpen({outcome}: Pick<RunRow, 'outcome'>): boolean {
  return outcome === 'running' || outcome === 'retrying' || outcome === 'continuing' || outcome === 'pending'
}
