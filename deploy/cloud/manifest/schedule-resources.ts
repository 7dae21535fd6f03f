import type {Job} from '../../../lib/job/job.ts'
import type {Desired} from '../resources/resource.ts'

/** The trigger of a scheduled job; none for a job that only people publish. */
export function scheduleResources(job: Job, projectId: string): Desired[] {
  if (job.schedule === undefined) return []
  return [
    {
      kind: 'schedule',
      name: triggerName(job),
      fields: {
        cron: job.schedule,
        'time zone': 'UTC',
        // In full: gcloud does not complete it.
        topic: `projects/${projectId}/topics/${job.topic}`,
        body: '{}',
        attributes: `job=${job.name},trigger=schedule`,
        // Publishing only: the run itself is retried by its subscription. Default is none.
        retries: '5',
        'shortest retry': '10s',
        'longest retry': '300s',
      },
      // A message that comes before the subscription would reach nobody.
      after: [`topic ${job.topic}`, `subscription ${job.functionName}`],
    },
  ]
}

export function triggerName({functionName}: Pick<Job, 'functionName'>): string {
  return `${functionName}-trigger`
}
