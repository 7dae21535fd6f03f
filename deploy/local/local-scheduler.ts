import {Cron} from 'croner'
import type {Job} from '../../lib/job/job.ts'
import type {MessagePublisher} from '../../lib/run/message-publisher.ts'

export type LocalScheduler = {
  /** When each job fires next, soonest first. */
  readonly upcoming: () => {readonly job: Job; readonly at: Date}[]
  readonly stop: () => void
}

/**
 * What Cloud Scheduler is to the deployed functions: publishes each scheduled job's message by the clock (UTC), with the
 * body and attributes of the deployed triggers.
 *
 * @param options.onError told when a message could not be published; the next slot fires anyway.
 */
export function startLocalScheduler(options: {
  readonly jobs: readonly Job[]
  readonly publisher: MessagePublisher
  /** Asked each time; what it throws is told, and nothing is fired. */
  readonly isPaused: (job: Job) => Promise<boolean>
  readonly onFire: (job: Job) => void
  readonly onError: (job: Job, error: unknown) => void
}): LocalScheduler {
  const {publisher, isPaused, onFire, onError} = options
  const fire = async (job: Job) => {
    if (await isPaused(job)) return
    onFire(job)
    await publisher.publish(job.topic, scheduledMessage(job))
  }
  const schedules = options.jobs.flatMap(job => {
    if (job.schedule === undefined) return []
    const cron = new Cron(job.schedule, {utcOffset: 0, mode: '5-part'}, () => {
      fire(job).catch(error => onError(job, error))
    })
    return [{job, cron}]
  })
  return {
    upcoming: () =>
      schedules
        .flatMap(({job, cron}) => {
          const at = cron.nextRun()
          return at === null ? [] : [{job, at}]
        })
        .toSorted((a, b) => a.at.getTime() - b.at.getTime()),
    stop() {
      for (const {cron} of schedules) cron.stop()
    },
  }
}

/** The message of a job's Cloud Scheduler trigger. */
export function scheduledMessage(job: Job): {data: Buffer; attributes: Record<string, string>} {
  return {data: Buffer.from('{}'), attributes: {job: job.name, trigger: 'schedule', requestedBy: 'scheduler'}}
}
