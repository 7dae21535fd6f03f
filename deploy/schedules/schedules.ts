import type {Job} from '../../lib/job/job.ts'

/**
 * Whether a scheduled job's trigger fires. `absent`: declared, and not there. `off`: nothing fires any schedule at the
 * moment (the sandbox without `--schedule`). `unknown`: in a state that only a person can look into.
 */
export type ScheduleState = 'enabled' | 'paused' | 'absent' | 'off' | 'unknown'

/** What fires the scheduled jobs of an environment. */
export type Schedules = {
  /** The state of every scheduled job's trigger, by the job's name. */
  readonly states: () => Promise<ReadonlyMap<string, ScheduleState>>
  readonly pause: (job: Job) => Promise<void>
  readonly resume: (job: Job) => Promise<void>
}
