import type {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {Job} from '../../lib/job/job.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {type DeadLetterSources, incompleteText, takeInventory, toTrouble} from '../dead-letters/load-dead-letters.ts'
import {findAbsentRuns, readSlotLimits, type SlotLimits, unknownSlotLimits} from '../runs/absent-runs.ts'
import {findProblems, type Problem, runsWithDeadLetter} from '../runs/open-problems.ts'
import {type RunSummary, summarizeRuns} from '../runs/run-summary.ts'
import type {Schedules} from '../schedules/schedules.ts'
import {findIdleTriggers, type IdleTrigger} from './idle-triggers.ts'
import {type CheckResults, type JobStatus, toJobStatus, type Unknown} from './job-status.ts'

export type StatusList = {
  readonly jobs: readonly JobStatus[]
  /** Schedules that were fired again by hand, and did nothing. */
  readonly idleTriggers: readonly IdleTrigger[]
  /** Runs that a person should look at, open or settled. */
  readonly problems: readonly Problem[]
  /** Dead letters that belong to no job of the project. */
  readonly otherDeadLetters: number | undefined
  /** Whether the dead letters are all that there are. */
  readonly isComplete: boolean
  /** Why they may not be. */
  readonly incomplete?: string
  readonly unknown: readonly Unknown[]
  /** How far back runs were looked for. */
  readonly days: number
}

/** A month and a bit: the last run of a monthly job, and the one before. */
const days = 40

/**
 * Reads everything that `list` shows, from all its sources at once. One that does not answer leaves its part unknown.
 * The ledger is asked once, for runs and dead letters alike.
 */
export async function findStatus(
  sources: Omit<DeadLetterSources, 'ledger'> & {
    readonly ledger: Pick<RunLedger, 'since' | 'beginning'>
    readonly schedules: Schedules
    readonly signal: AbortSignal
  },
): Promise<StatusList> {
  const {jobs, ledger, schedules, signal} = sources
  const now = sources.now()
  const unknown: Unknown[] = []
  const attempt = async <T>(what: Unknown['what'], reading: Promise<T>): Promise<T | undefined> => {
    try {
      return await reading
    } catch (error) {
      signal.throwIfAborted()
      unknown.push({what, reason: toPrintableLine(toMessageText(error), 1500)})
      return undefined
    }
  }
  const from = new Date(now.getTime() - days * 86_400_000)
  const entries = ledger.since(from).catch(toTrouble)
  const triggers = attempt('triggers', Promise.all([schedules.states(), readSlotLimits(schedules)]))
  const limits = async () => (await triggers)?.[1] ?? unknownSlotLimits
  const [states, runs, inventory] = await Promise.all([
    triggers,
    attempt('runs', toRuns(jobs, entries, {ledger, from, now, limits})),
    attempt('dead letters', takeInventory(sources, entries, signal, {isThorough: false})),
  ])
  const findings: CheckResults = {schedules: states?.[0], runs, deadLetters: inventory?.deadLetters.map(({job}) => job)}
  const withDeadLetter = runsWithDeadLetter(runs ?? [], inventory?.deadLetters ?? [])
  const names = new Set(jobs.map(({name}) => name))
  return {
    jobs: jobs.map(job => toJobStatus(job, findings, now)),
    problems: findProblems(runs ?? [], {jobs, withDeadLetter, now}),
    idleTriggers: await entries.then(read => (read instanceof Error ? [] : findIdleTriggers(read, now))),
    otherDeadLetters: findings.deadLetters?.filter(job => job === undefined || !names.has(job)).length,
    isComplete: inventory?.isComplete ?? false,
    ...(inventory === undefined || inventory.isComplete ? {} : {incomplete: incompleteText(inventory)}),
    unknown,
    days,
  }
}

async function toRuns(
  jobs: readonly Job[],
  reading: Promise<readonly LedgerEntry[] | UnavailableError>,
  options: {
    readonly ledger: Pick<RunLedger, 'beginning'>
    readonly from: Date
    readonly now: Date
    readonly limits: () => Promise<SlotLimits>
  },
): Promise<RunSummary[]> {
  const entries = await reading
  if (entries instanceof Error) throw entries
  const absent = await findAbsentRuns({jobs, entries, ...options})
  return [...summarizeRuns(entries, options.now), ...absent]
}
