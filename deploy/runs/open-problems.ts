import type {Job} from '../../lib/job/job.ts'
import {slotAt} from '../../lib/run/slot.ts'
import type {RunSummary} from './run-summary.ts'

/** What is asked of a run here. */
type Run = Pick<RunSummary, 'runId' | 'job' | 'outcome' | 'at' | 'args'>

/** A run that a person should look at: the rule that `list` and the console share. */
export type Problem<T extends Run = RunSummary> = {
  readonly run: T
  /** `stuck`: it never ended, or has been retried for long. */
  readonly reason: 'failed' | 'stuck' | 'missed' | 'degraded'
  /** The later run that made up for it; undefined: it is open. */
  readonly settledBy: T | undefined
  /** The run's dead letter is still there. */
  readonly hasDeadLetter: boolean
}

const dayMilliseconds = 86_400_000
/** What went wrong longer ago than this is history. */
export const problemDays = 14
/** Slots that were missed longer ago than this are history, which `npm run runs` has. */
const missedDays = 7
/** Retries that go on for longer than this may need somebody. */
const maxRetryingMilliseconds = 10 * 60_000

/**
 * The runs of which something needs a person, or did until a later run of the job succeeded, in the order given.
 *
 * @param options.withDeadLetter ids of runs whose dead letter is still there: only a replay or a discard settles these.
 */
export function findProblems<T extends Run>(
  runs: readonly T[],
  options: {
    readonly jobs: readonly Pick<Job, 'name' | 'schedule' | 'missed' | 'isReadOnly'>[]
    readonly withDeadLetter: ReadonlySet<string>
    readonly now: Date
  },
): Problem<T>[] {
  const {jobs, withDeadLetter, now} = options
  const declared = new Map(jobs.map(job => [job.name, job]))
  const lastGood = latestSuccesses(runs.filter(run => declared.get(run.job)?.isReadOnly({...run.args}) !== true))
  return runs.flatMap(run => {
    const reason = reasonOf(run, now)
    const job = declared.get(run.job)
    if (reason === undefined || !isRecent(run, job, now)) return []
    const hasDeadLetter = withDeadLetter.has(run.runId)
    const isMadeUpFor =
      run.outcome !== 'retrying' &&
      !(reason === 'failed' && hasDeadLetter) &&
      // Of some jobs every missed slot runs: a later success doesn't make up for it.
      !(reason === 'missed' && job?.missed === 'each')
    const good = lastGood.get(run.job)
    const settledBy = isMadeUpFor && good !== undefined && good.at > run.at ? good : undefined
    return [{run, reason, settledBy, hasDeadLetter}]
  })
}

/** Ids of runs whose dead letter is there: that of an unreadable message names no run, but its run names it. */
export function runsWithDeadLetter(
  runs: readonly {readonly runId: string; readonly deadLetterId: string | null | undefined}[],
  deadLetters: readonly {readonly id: string; readonly runId: string | null | undefined}[],
): Set<string> {
  const ids = new Set(deadLetters.map(({id}) => id))
  return new Set([
    ...deadLetters.flatMap(({runId}) => runId ?? []),
    ...runs.flatMap(({runId, deadLetterId}) => (deadLetterId != null && ids.has(deadLetterId) ? [runId] : [])),
  ])
}

function reasonOf({outcome, at}: Run, now: Date): Problem['reason'] | undefined {
  if (outcome === 'failed' || outcome === 'missed' || outcome === 'degraded') return outcome
  if (outcome === 'abandoned') return 'stuck'
  return outcome === 'retrying' && now.getTime() - at.getTime() > maxRetryingMilliseconds ? 'stuck' : undefined
}

/** The last days; and of missed slots the latest, however long ago: that of a monthly job is. */
function isRecent({outcome, at}: Run, job: Pick<Job, 'schedule'> | undefined, now: Date): boolean {
  const days = (now.getTime() - at.getTime()) / dayMilliseconds
  if (outcome !== 'missed') return days <= problemDays
  if (days < missedDays) return true
  return job?.schedule !== undefined && slotAt(job.schedule, now)?.getTime() === at.getTime()
}

/** @param runs those that changed something. */
function latestSuccesses<T extends Run>(runs: readonly T[]): ReadonlyMap<string, T> {
  const latest = new Map<string, T>()
  for (const run of runs) {
    if (run.outcome !== 'succeeded') continue
    const known = latest.get(run.job)
    if (known === undefined || known.at < run.at) latest.set(run.job, run)
  }
  return latest
}
