import * as z from 'zod'
import type {Job} from '../../lib/job/job.ts'
import {region} from '../catalogue/environments.ts'
import type {Gcloud} from '../cloud/gcloud/gcloud.ts'
import {lastSegment, readJson} from '../cloud/gcloud/read-json.ts'
import {triggerName} from '../cloud/manifest/schedule-resources.ts'
import {parseDeployedSince} from '../cloud/resources/deployed-since.ts'
import type {ScheduleState, Schedules} from './schedules.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    state: z.string().default('STATE_UNSPECIFIED'),
    description: z.string().default(''),
  }),
)

const place = `--location=${region}`

/** Cloud Scheduler's jobs, through the operator's own gcloud. */
export function createCloudSchedules(jobs: readonly Job[], gcloud: Gcloud): Schedules {
  const change = async (verb: 'pause' | 'resume', job: Job) => {
    await gcloud(['scheduler', 'jobs', verb, triggerName(job), place])
  }
  let reading: Promise<z.output<typeof schema>> | undefined
  /** Those who ask at the same time share an answer: gcloud takes a second or more. */
  const list = () => {
    reading ??= readJson(gcloud, schema, ['scheduler', 'jobs', 'list', place]).finally(() => {
      reading = undefined
    })
    return reading
  }
  return {
    async states() {
      const byName = new Map((await list()).map(({name, state}) => [lastSegment(name), state]))
      return new Map(
        jobs.flatMap(job => {
          if (job.schedule === undefined) return []
          return [[job.name, toState(byName.get(triggerName(job)))] as const]
        }),
      )
    },
    async deployedSince() {
      const byName = new Map((await list()).map(({name, description}) => [lastSegment(name), description]))
      return new Map(
        jobs.flatMap(job => {
          const since = parseDeployedSince(byName.get(triggerName(job)) ?? '')
          return job.schedule === undefined || since === undefined ? [] : [[job.name, since] as const]
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
