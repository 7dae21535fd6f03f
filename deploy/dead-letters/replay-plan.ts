import {commandNames, type Job} from '../../lib/job/job.ts'
import {deadLettersTopic, manualTopic} from '../../lib/job/job-name.ts'
import {manualCheckOf} from '../../lib/job/manual-check.ts'
import {isRunId, messageRunId} from '../../lib/job/run-id.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {plural} from '../../lib/log/plural.ts'
import type {OutgoingMessage} from '../../lib/run/dead-letter.ts'
import {runStateOf} from '../../lib/run/run-state.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {topicsOf} from '../catalogue/subscriptions.ts'
import {isDiscard} from '../runs/run-progress.ts'
import type {DeadLetter} from './dead-letter.ts'
import {findRefusal} from './find-refusal.ts'
import {isIdempotent, toRequest} from './moved-dead-letter.ts'

/** After this many replays another one won't help. */
const maxReplays = 5

/** What a replay of a dead letter comes to. */
export type ReplayPlan =
  | {
      readonly kind: 'publish'
      readonly topic: string
      readonly message: OutgoingMessage
      /** The run that the replay is of; undefined where no job takes the message. */
      readonly runId: string | undefined
      readonly warning?: string
    }
  /** The run is over: the letter is taken away, nothing runs. */
  | {readonly kind: 'clear'; readonly reason: string}
  /** The letter stays. */
  | {readonly kind: 'refuse'; readonly reason: string; readonly isForceable: boolean}

/**
 * Decides what becomes of a letter that is to be replayed.
 *
 * @param options.history every entry of the letter's run, read just before.
 * @param options.isForced the operator accepts that the run may have been executed already, or was replayed often.
 */
export function planReplay(
  deadLetter: DeadLetter,
  options: {
    readonly jobs: readonly Job[]
    readonly environment: Pick<TargetEnvironment, 'projectId'>
    readonly history: readonly LedgerEntry[]
    readonly requestedBy: string
    readonly isForced: boolean
    readonly now: Date
  },
): ReplayPlan {
  const {jobs, history, isForced, now} = options
  const {sourceTopic, runId, kind} = deadLetter
  if (sourceTopic === undefined || sourceTopic === deadLettersTopic || !topicsOf(jobs).includes(sourceTopic)) {
    return refuse(`it can't be published again, ${missingTopic(deadLetter)}`, false)
  }
  if (deadLetter.isCopy === true) return {kind: 'clear', reason: deadLetter.reason}
  const job = receiverOf(deadLetter, sourceTopic, jobs)
  let checkedAttempt = 0
  if (runId !== undefined) {
    const state = runStateOf(history, toRequest(deadLetter), now)
    if (state.kind === 'finished') {
      return {kind: 'clear', reason: `the run has ${state.entry.event} since, at ${state.entry.at.toISOString()}`}
    }
    if (state.kind === 'running') {
      return refuse(`the run is being executed: try again after ${state.leaseUntil.toISOString()}`, false)
    }
    const isUnknown =
      kind === 'unknown outcome' || (state.kind === 'abandoned' && !(job && isIdempotent(job, deadLetter)))
    if (isUnknown && !isForced) return refuse(unknownOutcome(job, options.environment), true)
    // What the operator accepts is what is known now: an unknown outcome that comes later is a dead letter again.
    if (state.kind === 'abandoned') checkedAttempt = state.unknownAttempt
  }
  const fate = laterFate(deadLetter, history)
  if (fate !== undefined && !isForced) return refuse(fate, true)
  if (deadLetter.replays >= maxReplays && !isForced) {
    return refuse(`already replayed ${plural(deadLetter.replays, 'time')}: fix the cause first`, true)
  }
  const ownRunId = job && runIdOf(deadLetter, job)
  const message = toReplay(deadLetter, ownRunId, {...options, checkedAttempt})
  const warning = warningOf(deadLetter, job, message, now)
  return {kind: 'publish', topic: sourceTopic, message, runId: ownRunId, ...(warning === undefined ? {} : {warning})}
}

/** What is known beforehand: the receiver may be another release's, which can't be asked. */
function warningOf({kind}: DeadLetter, job: Job | undefined, message: OutgoingMessage, now: Date): string | undefined {
  if (job === undefined) return 'no job has its name, so it will come back'
  const refusal = findRefusal(job, message, now)
  if (refusal !== undefined) return `it will fail again, today's ${job.name} refuses it: ${refusal}`
  if (kind !== 'unreadable') return undefined
  return `it was unreadable, but today's ${job.name} reads it: make sure that it is deployed`
}

/**
 * The run that a replay is of. What was never a run of this job (misnamed, or moved by Pub/Sub unread) gets one by its
 * dead letter, so that the same dead letter is the same run at every replay, and the history can name it.
 *
 * @returns undefined where the message has a run id that the job refuses.
 */
function runIdOf({id, runId, original, deadLetteredAt}: DeadLetter, job: Job): string | undefined {
  const known = runId ?? original.attributes['runId']
  if (known !== undefined && isRunId(known, job.name)) return known
  return original.attributes['runId'] === undefined ? messageRunId(job.name, id, deadLetteredAt) : undefined
}

/** The original message, as a replay of the same run. What was accepted once is not accepted for all times. */
function toReplay(
  {original, replays, kind, attempt}: DeadLetter,
  runId: string | undefined,
  {requestedBy, isForced, checkedAttempt}: {requestedBy: string; isForced: boolean; checkedAttempt: number},
): OutgoingMessage {
  return {
    data: original.data,
    attributes: {
      ...original.attributes,
      // A run id that the receiver does not know makes the message unreadable to it.
      ...(runId === undefined ? {} : {runId}),
      trigger: 'replay',
      replays: String(replays + 1),
      requestedBy,
      ...(isForced ? {force: 'true', checkedAttempt: String(checkedAttempt)} : {}),
      // The ledger may have missed how that attempt ended; the dead letter says it.
      ...(kind === 'unknown outcome' || attempt === 0 ? {} : {endedAttempt: String(attempt)}),
    },
  }
}

/** The job to which the topic brings the message: what a letter says of its job may be only who could not read it. */
function receiverOf({original}: DeadLetter, sourceTopic: string, jobs: readonly Job[]): Job | undefined {
  const name = original.attributes['job']
  if (sourceTopic !== manualTopic) return jobs.find(job => job.topic === sourceTopic)
  // What has another of a job's names goes on to it.
  return name === undefined ? undefined : jobs.find(job => commandNames(job).includes(name))
}

/** What happened to the run's message after this letter: it came back as another letter, or a person gave it up. */
function laterFate(deadLetter: DeadLetter, history: readonly LedgerEntry[]): string | undefined {
  const last = history.findLast(
    entry =>
      entry.part === deadLetter.part &&
      (isDiscard(entry) || (entry.event === 'failed' && entry.error?.kind !== undefined)),
  )
  if (last === undefined || last.at <= deadLetter.deadLetteredAt) return undefined
  if (isDiscard(last)) return `its run was discarded since: ${last.summary}`
  const other = last.error?.deadLetterId
  if (other === undefined || other === deadLetter.id) return undefined
  return `it was replayed already, and came back as dead letter ${other}: replay that one, and discard this one`
}

function missingTopic({sourceTopic, reason}: DeadLetter): string {
  return sourceTopic === undefined ? reason : `no job of this project has the topic ${sourceTopic}`
}

function unknownOutcome(job: Job | undefined, {projectId}: Pick<TargetEnvironment, 'projectId'>): string {
  const check = (job && manualCheckOf(job, projectId)) ?? 'Check whether it was executed.'
  return `its outcome is unknown, and the job isn't idempotent. ${check}`
}

function refuse(reason: string, isForceable: boolean): ReplayPlan {
  return {kind: 'refuse', reason, isForceable}
}
