import {InvalidMessageError} from '../../lib/errors/invalid-message-error.ts'
import {commandNames, type Job} from '../../lib/job/job.ts'
import {unroutedJob, unroutedTopic} from '../../lib/job/job-name.ts'
import {jobOfRunId} from '../../lib/job/run-id.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {type DeadLetterNote, type OutgoingMessage, parseDeadLetterNote, toOriginal} from '../../lib/run/dead-letter.ts'
import {parseArgs, parseData} from '../../lib/run/message.ts'
import {parseRunRequest} from '../../lib/run/run-request.ts'
import {pushSubscriptionsOf} from '../catalogue/subscriptions.ts'
import type {ReceivedMessage} from '../environment/pull-subscription.ts'

/** A dead letter as an operator sees it, whatever dead-lettered it. */
export type DeadLetter = {
  readonly id: string
  /** Whether Pub/Sub handed it out; else only the ledger tells of it, and its message is not at hand. */
  readonly isAvailable: boolean
  /** Whether the message has reached its job by another subscription. */
  readonly isCopy?: boolean
  readonly deadLetteredAt: Date
  /** `unknown`: somebody published to `dead-letters` directly. */
  readonly deadLetteredBy: 'the function' | 'Pub/Sub' | 'unknown'
  /** Undefined where nothing tells; a job may also have left the project since. */
  readonly job: string | undefined
  readonly runId: string | undefined
  readonly part: number
  readonly kind: DeadLetterNote['kind']
  readonly reason: string
  readonly error: string | undefined
  readonly sourceTopic: string | undefined
  /** The highest attempt that it is about; 0 where nothing tells. */
  readonly attempt: number
  /** Of the run until then, as its history counts them; 0 where nothing was executed, or nothing tells. */
  readonly attempts: number
  readonly replays: number
  readonly firstAt: Date
  readonly lastAt: Date
  /** Of the message that was dead-lettered, where it is known. */
  readonly messageId: string | undefined
  /** The message as it was published to the source topic. */
  readonly original: OutgoingMessage
}

/** Reads what a letter says about itself. What Pub/Sub moved says little: see explainMovedDeadLetters. */
export function readDeadLetter(received: ReceivedMessage, jobs: readonly Job[]): DeadLetter {
  const note = parseDeadLetterNote(received.attributes)
  if (note !== undefined) return readNoted(received, note)
  const subscription = received.attributes['CloudPubSubDeadLetterSourceSubscription']
  return subscription === undefined ? readForeign(received) : readMoved(received, subscription, jobs)
}

function readNoted(received: ReceivedMessage, note: DeadLetterNote): DeadLetter {
  const {messageId, ...said} = note
  const original = toOriginal(received)
  return {
    ...common(received, original),
    ...said,
    runId: jobOfRunId(note.runId) === undefined ? undefined : note.runId,
    reason: toPrintableLine(note.reason, 1500),
    deadLetteredBy: 'the function',
    attempts: Math.max(note.attempts, note.attempt),
    // What can't be read is dead-lettered without reading its attributes.
    replays: Math.max(note.replays, replaysOf(original)),
    messageId,
  }
}

/** Moved by Pub/Sub after the last of its deliveries: job and run are derived as the function would have. */
function readMoved(received: ReceivedMessage, subscription: string, jobs: readonly Job[]): DeadLetter {
  const original = toOriginal(received)
  const source = pushSubscriptionsOf(jobs).find(({name}) => name === subscription)
  const job = jobs.find(({functionName}) => functionName === source?.functionName)
  const deliveries = Number(received.attributes['CloudPubSubDeadLetterSourceDeliveryCount'])
  const publishedAt = new Date(received.attributes['CloudPubSubDeadLetterSourceTopicPublishTime'] ?? Number.NaN)
  // It becomes part of a run id, which takes the years 1970 to 9999: a letter may say anything.
  const isTime = publishedAt.getTime() >= 0 && publishedAt.getTime() < Date.UTC(10_000, 0)
  const gaveUp = `Pub/Sub gave up after ${Number.isFinite(deliveries) ? deliveries : 'all'} deliveries`
  const moved: DeadLetter = {
    ...common(received, original),
    deadLetteredBy: 'Pub/Sub',
    kind: 'exhausted',
    reason: gaveUp,
    job: job?.name,
    sourceTopic: source?.topic,
    firstAt: isTime ? publishedAt : received.publishedAt,
  }
  if (job === undefined) return {...moved, reason: `${gaveUp} on ${toPrintableLine(subscription)}, which is no job's`}
  if (subscription === unroutedTopic) return readUnrouted(moved, gaveUp, jobs)
  const message = {...original, messageId: received.id, publishTime: moved.firstAt}
  try {
    const {runId, part} = parseRunRequest(job, {
      ...message,
      topic: job.topic,
      subscription: undefined,
      traceparent: undefined,
    })
    parseArgs(job.args, parseData(original.data))
    return {...moved, runId, part}
  } catch (error) {
    if (!(error instanceof InvalidMessageError)) throw error
    return {...moved, kind: 'unreadable', reason: `${gaveUp}, and no function can read it: ${error.message}`}
  }
}

/** Everything on `manual-jobs` comes here too, what a release job's own subscription brings as a copy. */
function readUnrouted(moved: DeadLetter, gaveUp: string, jobs: readonly Job[]): DeadLetter {
  const name = moved.original.attributes['job'] ?? ''
  const target = jobs.find(job => commandNames(job).includes(name))
  const unrouted = {...moved, job: unroutedJob}
  if (target === undefined) {
    return {...unrouted, kind: 'unreadable', reason: `${gaveUp}: no job has the name in attribute job`}
  }
  const isCopy = target.group === 'manual' && target.name === name
  const reason = isCopy
    ? `${gaveUp} of a copy: the subscription ${target.functionName} has this message too`
    : `${gaveUp}: it could not be passed on to ${target.name}`
  return {...unrouted, reason, isCopy}
}

function readForeign(received: ReceivedMessage): DeadLetter {
  const reason = 'it was published to dead-letters directly: nothing says which topic it is meant for'
  return {...common(received, toOriginal(received)), reason}
}

/** What holds for a letter of which nothing else is known. */
function common({id, publishedAt}: ReceivedMessage, original: OutgoingMessage): DeadLetter {
  return {
    id,
    isAvailable: true,
    deadLetteredAt: publishedAt,
    deadLetteredBy: 'unknown',
    job: undefined,
    runId: undefined,
    part: numberIn(original.attributes['part'], 1),
    kind: 'unreadable',
    reason: '',
    error: undefined,
    sourceTopic: undefined,
    attempt: 0,
    attempts: 0,
    replays: replaysOf(original),
    firstAt: publishedAt,
    lastAt: publishedAt,
    messageId: undefined,
    original,
  }
}

function replaysOf({attributes}: OutgoingMessage): number {
  return numberIn(attributes['replays'], 0)
}

function numberIn(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : otherwise
}
