import * as z from 'zod'
import type {Job} from '../../lib/job/job.ts'
import {region} from '../catalogue/environments.ts'
import type {Gcloud} from '../cloud/gcloud/gcloud.ts'
import {lastSegment, readJson} from '../cloud/gcloud/read-json.ts'
import {triggerName} from '../cloud/manifest/schedule-resources.ts'
import {parseDeployedSince} from '../cloud/names/deployed-since.ts'
import type {ScheduleState, Schedules} from './schedules.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    state: z.string().default('STATE_UNSPECIFIED'),
    description: z.string().default(''),
    /** When it fired last. Source: Cloud Scheduler REST reference, Job. */
    lastAttemptTime: z.coerce.date().optional(),
  }),
)

type Trigger = z.output<typeof schema>[number]

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
  /** What is known of each scheduled job's trigger, by the job's name; undefined leaves the job out. */
  const ofTriggers = async <T>(read: (trigger: Trigger | undefined) => T | undefined): Promise<Map<string, T>> => {
    const triggers = new Map((await list()).map(trigger => [lastSegment(trigger.name), trigger]))
    return new Map(
      jobs.flatMap(job => {
        const value = job.schedule === undefined ? undefined : read(triggers.get(triggerName(job)))
        return value === undefined ? [] : [[job.name, value] as const]
      }),
    )
  }
  return {
    states: () => ofTriggers(trigger => toState(trigger?.state)),
    deployedSince: () => ofTriggers(trigger => parseDeployedSince(trigger?.description ?? '')),
    // Cloud Scheduler doesn't say when a schedule was paused. While it wasn't, it fired: the pause began after that.
    pausedSince: () =>
      ofTriggers(trigger => {
        return trigger?.state === 'PAUSED' ? (trigger.lastAttemptTime ?? new Date(0)) : undefined
      }),
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
