import type {Job} from '../../lib/job/job.ts'
import {readPaused, writePaused} from '../local/paused-schedules.ts'
import {findRunningSandbox} from '../local/sandbox-file.ts'
import type {Schedules} from './schedules.ts'

/** The sandbox's schedules: `npm run local -- --schedule` fires them, and asks each time whether one is paused. */
export function createLocalSchedules(jobs: readonly Job[], folder: string): Schedules {
  return {
    async states() {
      const [paused, sandbox] = await Promise.all([readPaused(folder), findRunningSandbox(folder)])
      const otherwise = sandbox?.firesSchedules === true ? 'enabled' : 'off'
      return new Map(
        jobs.flatMap(({name, schedule}) =>
          schedule === undefined ? [] : [[name, paused.has(name) ? 'paused' : otherwise] as const],
        ),
      )
    },
    // The sandbox serves every job from its first start on, and keeps no record of that.
    deployedSince: async () => new Map(),
    pause: job => writePaused(folder, job.name, true),
    resume: job => writePaused(folder, job.name, false),
  }
}
