import cronstrue from 'cronstrue'
import type {Job} from '../../lib/job/job.ts'
import {nextSlot} from '../../lib/run/slot.ts'
import {findProblems} from '../runs/open-problems.ts'
import type {RunSummary} from '../runs/run-summary.ts'
import type {ScheduleState} from '../schedules/schedules.ts'

/** What could not be read; its part of the list is unknown. */
export type Unknown = {readonly what: 'triggers' | 'runs' | 'dead letters'; readonly reason: string}

/** What was read of an environment, as far as it could be. */
export type CheckResults = {
  readonly schedules: ReadonlyMap<string, ScheduleState> | undefined
  /** Runs of the last days, and scheduled ones that are absent. */
  readonly runs: readonly RunSummary[] | undefined
  /** The job of each dead letter; undefined where nothing tells. */
  readonly deadLetters: readonly (string | undefined)[] | undefined
}

/** A job as `list` shows it; undefined: unknown, null: there is none. */
export type JobStatus = {
  readonly job: Job
  /** In words: `At 08:00, every day`. */
  readonly schedule: string | null
  readonly nextRunAt: Date | null
  readonly trigger: ScheduleState | null | undefined
  readonly lastRun: RunSummary | null | undefined
  readonly missed: number | undefined
  readonly deadLetters: number | undefined
}

export function toJobStatus(job: Job, {schedules, runs, deadLetters}: CheckResults, now: Date): JobStatus {
  const {name, schedule} = job
  const trigger =
    schedule === undefined ? null : schedules === undefined ? undefined : (schedules.get(name) ?? 'absent')
  const fires = trigger !== 'paused' && trigger !== 'absent' && trigger !== 'off'
  const own = runs?.filter(run => run.job === name)
  // Neither a message that was never attempted nor a run that changed nothing shows how the job is doing.
  const ran = own?.filter(({attempts, args}) => attempts > 0 && !job.isReadOnly({...args}))
  return {
    job,
    schedule: schedule === undefined ? null : describeSchedule(schedule),
    nextRunAt: schedule === undefined || !fires ? null : (nextSlot(schedule, now) ?? null),
    trigger,
    lastRun: ran === undefined ? undefined : (ran.toSorted((a, b) => b.at.getTime() - a.at.getTime())[0] ?? null),
    missed: own && countMissed(own, job, now),
    deadLetters: deadLetters?.filter(found => found === name).length,
  }
}

function countMissed(own: readonly RunSummary[], job: Job, now: Date): number {
  const problems = findProblems(own, {jobs: [job], withDeadLetter: new Set(), now})
  return problems.filter(({reason, settledBy}) => reason === 'missed' && settledBy === undefined).length
}

/** A cron expression in words, in UTC: `At 00:05, on day 1 of the month`. */
export function describeSchedule(schedule: string): string {
  return cronstrue.toString(schedule, {use24HourTimeFormat: true, verbose: true})
}
