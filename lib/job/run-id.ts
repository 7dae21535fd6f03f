import {createHash} from 'node:crypto'
import {decodeTime, encodeTime, isValid, monotonicFactory} from 'ulid'

const runIdPattern = /^([a-z][a-z0-9]*(?:-[a-z0-9]+)*)@([0-9A-Za-z][0-9A-Za-z:.-]{0,63})$/
const slotPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/

/** Run id of a scheduled run, the same for every message that is published in that slot: `daily-alerts@2026-11-23T08:00Z`. */
export function slotRunId(jobName: string, slot: Date): string {
  return `${jobName}@${slot.toISOString().slice(0, 16)}Z`
}

/** Makes run ids for runs that a person asks for; they sort by time. */
export function createRunIds(now: () => Date): (jobName: string) => string {
  const ulid = monotonicFactory()
  return jobName => `${jobName}@${ulid(now().getTime())}`
}

/**
 * Run id of a message that came without one (`gcloud pubsub topics publish`): derived from the message, so that
 * every delivery of it is the same run, and sortable by time like the others.
 */
export function messageRunId(jobName: string, messageId: string, publishTime: Date): string {
  const digest = createHash('sha256').update(messageId).digest('hex').slice(0, 16).toUpperCase()
  return `${jobName}@${encodeTime(publishTime.getTime(), 10)}${digest}`
}

/** Whether a text is a run id of this job. */
export function isRunId(text: string, jobName: string): boolean {
  return runIdPattern.exec(text)?.[1] === jobName
}

/** The job that a run id names. */
export function jobOfRunId(runId: string): string | undefined {
  return runIdPattern.exec(runId)?.[1]
}

/** The slot of a scheduled run; undefined for a manual one. */
export function slotOfRunId(runId: string): Date | undefined {
  const slot = runIdPattern.exec(runId)?.[2]
  if (slot === undefined || !slotPattern.test(slot)) return undefined
  const moment = new Date(slot.replace('Z', ':00Z'))
  // No 30th of February, no 25th hour: such an id is just an id.
  return moment.getTime() >= 0 && moment.toISOString().startsWith(slot.slice(0, -1)) ? moment : undefined
}

/** More than clocks differ, and than a schedule fires early. */
const marginMilliseconds = 7 * 86_400_000

/**
 * A moment before which nothing has happened to a run, if its id tells the truth: it holds the run's slot, or when it was
 * published. Anybody may publish another one, so nothing is decided by it. Undefined where the id holds no time, or one to
 * come, which says nothing.
 */
export function beginningOfRun(runId: string, now: Date): Date | undefined {
  const moment = slotOfRunId(runId) ?? timeOfUlid(runIdPattern.exec(runId)?.[2] ?? '')
  if (moment === undefined || moment > now) return undefined
  return new Date(Math.max(0, moment.getTime() - marginMilliseconds))
}

function timeOfUlid(text: string): Date | undefined {
  // `isValid` looks at the characters alone: from 8 on, the time is more than a ULID can hold.
  return isValid(text) && /^[0-7]/.test(text) ? new Date(decodeTime(text)) : undefined
}
