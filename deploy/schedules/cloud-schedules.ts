import * as z from 'zod'
import type {Job} from '../../lib/job/job.ts'
import {region} from '../catalogue/environments.ts'
import type {Gcloud} from '../cloud/gcloud/gcloud.ts'
import {lastSegment, readJson} from '../cloud/gcloud/read-json.ts'
import {triggerName} from '../cloud/manifest/schedule-resources.ts'
import type {ScheduleState, Schedules} from './schedules.ts'

const schema = z.array(z.object({name: z.string(), state: z.string().default('STATE_UNSPECIFIED')}))

const place = `--location=${region}`

/** Cloud Scheduler's jobs, through the operator's own gcloud. */
export function createCloudSchedules(jobs: readonly Job[], gcloud: Gcloud): Schedules {
  const change = async (verb: 'pause' | 'resume', job: Job) => {
    await gcloud(['scheduler', 'jobs', verb, triggerName(job), place])
  }
  return {
    async states() {
      const found = await readJson(gcloud, schema, ['scheduler', 'jobs', 'list', place])
      const byName = new Map(found.map(({name, state}) => [lastSegment(name), state]))
      return new Map(
        jobs.flatMap(job => {
          if (job.schedule === undefined) return []
          return [[job.name, toState(byName.get(triggerName(job)))] as const]
        }),
      )
    },
    pause: job => change('pause', job),
    resume: job => change('resume', job),
  }
}

// DISABLED and UPDATE_FAILED are the service's own doing. Source: Cloud Scheduler REST reference, Job.State.
function toState(state: string | undefined): ScheduleState {
  if (state === undefined) return 'absent'
  if (state === 'ENABLED') return 'enabled'
  return state === 'PAUSED' ? 'paused' : 'unknown'
}
