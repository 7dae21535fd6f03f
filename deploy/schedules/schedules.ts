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
  /**
   * When each scheduled job was first deployed, by the job's name: slots from before can't have been missed. A job that
   * isn't deployed, or whose deployment recorded no time, is left out. Asked together with `states`, it costs nothing.
   */
  readonly deployedSince: () => Promise<ReadonlyMap<string, Date>>
  /** Since when the schedules that are paused now have been, by the job's name: slots after that aren't missed. */
  readonly pausedSince: () => Promise<ReadonlyMap<string, Date>>
  readonly pause: (job: Job) => Promise<void>
  readonly resume: (job: Job) => Promise<void>
}
