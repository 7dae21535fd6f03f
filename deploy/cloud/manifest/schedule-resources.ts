import type {Job} from '../../../lib/job/job.ts'
import type {DesiredState} from '../resources/resource.ts'
import {sinceField} from '../resources/schedule.ts'

/** The trigger of a scheduled job; none for a job that only people publish. */
export function scheduleResources(job: Job, projectId: string): DesiredState[] {
  if (job.schedule === undefined) return []
  return [
    {
      type: 'schedule',
      name: triggerName(job),
      fields: {
        cron: job.schedule,
        'time zone': 'UTC',
        // In full: gcloud doesn't complete it.
        topic: `projects/${projectId}/topics/${job.topic}`,
        body: '{}',
        attributes: `job=${job.name},trigger=schedule`,
        // Publishing only: the run itself is retried by its subscription. Default is none.
        retries: '5',
        'shortest retry': '10s',
        'longest retry': '300s',
        [sinceField]: 'recorded',
      },
      // A message that is published before there is a subscription is lost.
      after: [`topic ${job.topic}`, `subscription ${job.functionName}`],
    },
  ]
}

export function triggerName({functionName}: Pick<Job, 'functionName'>): string {
  return `${functionName}-trigger`
}
