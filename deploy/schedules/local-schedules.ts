import type {Job} from '../../lib/job/job.ts'
import {readPaused, writePaused} from '../local/paused-schedules.ts'
import {findRunningSandbox} from '../local/sandbox-file.ts'
import {readServedSince} from '../local/served-since.ts'
import type {Schedules} from './schedules.ts'

/** The sandbox's schedules: `npm run local -- --schedule` fires them, and asks each time whether one is paused. */
export function createLocalSchedules(jobs: readonly Job[], folder: string, now: () => Date): Schedules {
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
    deployedSince: () => readServedSince(folder),
    pausedSince: () => readPaused(folder),
    pause: job => writePaused(folder, job.name, now()),
    resume: job => writePaused(folder, job.name, undefined),
  }
}
