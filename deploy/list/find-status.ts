import type {Job} from '../../lib/job/job.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {type DeadLetterSources, loadDeadLetters} from '../dead-letters/load-dead-letters.ts'
import {findAbsentRuns, readSlotLimits, type SlotLimits, unknownSlotLimits} from '../runs/absent-runs.ts'
import {type RunSummary, summarizeRuns} from '../runs/run-summary.ts'
import type {Schedules} from '../schedules/schedules.ts'
import {type CheckResults, type JobStatus, toJobStatus, type Unknown} from './job-status.ts'

export type StatusList = {
  readonly jobs: readonly JobStatus[]
  /** Dead letters that belong to no job of the project. */
  readonly otherDeadLetters: number | undefined
  /** Whether the dead letters are all that there are. */
  readonly isComplete: boolean
  readonly unknown: readonly Unknown[]
  /** How far back runs were looked for. */
  readonly days: number
}

/** A month and a bit: the last run of a monthly job, and the one before. */
const days = 40

/**
 * Reads everything that `list` shows, from all its sources at once. One that does not answer leaves its part unknown.
 */
export async function findStatus(
  sources: DeadLetterSources & {readonly schedules: Schedules; readonly signal: AbortSignal},
): Promise<StatusList> {
  const {jobs, ledger, schedules, signal} = sources
  const now = sources.now()
  const unknown: Unknown[] = []
  const attempt = async <T>(what: Unknown['what'], reading: Promise<T>): Promise<T | undefined> => {
    try {
      return await reading
    } catch (error) {
      signal.throwIfAborted()
      unknown.push({what, reason: toPrintableLine(toMessageText(error), 500)})
      return undefined
    }
  }
  const triggers = attempt('triggers', Promise.all([schedules.states(), readSlotLimits(schedules)]))
  const limits = async () => (await triggers)?.[1] ?? unknownSlotLimits
  const [states, runs, found] = await Promise.all([
    triggers,
    attempt('runs', readRuns(jobs, ledger, now, limits)),
    attempt('dead letters', loadDeadLetters(sources, {}, signal)),
  ])
  const findings: CheckResults = {schedules: states?.[0], runs, deadLetters: found?.deadLetters.map(({job}) => job)}
  const names = new Set(jobs.map(({name}) => name))
  return {
    jobs: jobs.map(job => toJobStatus(job, findings, now)),
    otherDeadLetters: findings.deadLetters?.filter(job => job === undefined || !names.has(job)).length,
    isComplete: found?.isComplete ?? true,
    unknown,
    days,
  }
}

async function readRuns(
  jobs: readonly Job[],
  ledger: RunLedger,
  now: Date,
  limits: () => Promise<SlotLimits>,
): Promise<RunSummary[]> {
  const from = new Date(now.getTime() - days * 86_400_000)
  const entries = await ledger.since(from)
  const absent = await findAbsentRuns({jobs, entries, ledger, from, now, limits})
  return [...summarizeRuns(entries, now), ...absent]
}
