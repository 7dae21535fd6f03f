import {InvalidMessageError} from '../../lib/errors/invalid-message-error.ts'
import type {Job} from '../../lib/job/job.ts'
import type {OutgoingMessage} from '../../lib/run/dead-letter.ts'
import {parseRunArgs, parseRunRequest} from '../../lib/run/run-request.ts'

/** Why the job, as this checkout declares it, would dead-letter the message unread; undefined: it would not. */
export function findRefusal(job: Job, {data, attributes}: OutgoingMessage, now: Date): string | undefined {
  const message = {
    data,
    // What has another of the job's names reaches it with its own.
    attributes: attributes['job'] === undefined ? attributes : {...attributes, job: job.name},
    messageId: '1',
    publishTime: now,
    topic: job.topic,
    subscription: undefined,
    traceparent: undefined,
  }
  try {
    parseRunRequest(job, message)
    parseRunArgs(job, message)
    return undefined
  } catch (error) {
    if (!(error instanceof InvalidMessageError)) throw error
    return error.message
  }
}
