import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {Job} from '../../lib/job/job.ts'
import {jobOfRunId} from '../../lib/job/run-id.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import type {MessagePublisher} from '../../lib/run/message-publisher.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {LeasedMessages} from '../environment/dead-letter-queue.ts'
import {describeMissingTopic, isMissingTopic} from '../environment/missing-topic.ts'
import type {DeadLetter} from './dead-letter.ts'
import {toClearEntry, toReplayEntry} from './discard-entry.ts'
import {missingText} from './missing-text.ts'
import {planReplay} from './replay-plan.ts'

/** What became of one dead letter that was to be replayed. */
export type ReplayResult = {readonly deadLetter: DeadLetter} & (
  | {
      readonly kind: 'replayed'
      readonly messageId: string
      /** The run that executes it; undefined where no job takes the message. */
      readonly runId: string | undefined
      /** What the ledger tells of the run up to this moment is of before the replay. */
      readonly since: Date
      readonly warning?: string
    }
  | {readonly kind: 'cleared'; readonly reason: string}
  /** The dead letter stays: it must not be replayed (now, or without --force), or that could not be done. */
  | {readonly kind: 'refused'; readonly reason: string; readonly isForceable: boolean}
  | {readonly kind: 'failed'; readonly reason: string}
)

/** What replaying works with. */
export type ReplayServices = {
  readonly jobs: readonly Job[]
  readonly ledger: RunLedger
  readonly publisher: MessagePublisher
  readonly environment: TargetEnvironment
  readonly requestedBy: string
  readonly isForced: boolean
  readonly now: () => Date
}

/**
 * Replays one dead letter that is leased. It is published to its source topic first and acknowledged after that: whatever
 * breaks between the two, the worst is a dead letter that was replayed and is still listed.
 *
 * @throws UnavailableError if the ledger can't be asked, or the message could not be published; the dead letter then stays.
 */
export async function replayDeadLetter(
  services: ReplayServices,
  leased: Pick<LeasedMessages, 'acknowledge'>,
  deadLetter: DeadLetter,
): Promise<ReplayResult> {
  const {ledger, publisher, environment, requestedBy, now} = services
  if (!deadLetter.isAvailable) return {deadLetter, kind: 'failed', reason: missingText([deadLetter.id])}
  const history = deadLetter.runId === undefined ? [] : await ledger.history(deadLetter.runId)
  const plan = planReplay(deadLetter, {...services, history, now: now()})
  if (plan.kind === 'refuse') return {...plan, deadLetter, kind: 'refused'}
  if (plan.kind === 'clear') {
    await ledger.record(toClearEntry(deadLetter, {requestedBy, reason: plan.reason, at: now()}))
    await leased.acknowledge(deadLetter.id)
    return {deadLetter, kind: 'cleared', reason: plan.reason}
  }
  let messageId: string
  try {
    messageId = await publisher.publish(plan.topic, plan.message)
  } catch (error) {
    if (!isMissingTopic(error)) throw error
    const jobName = plan.runId === undefined ? undefined : jobOfRunId(plan.runId)
    const reason = describeMissingTopic(plan.topic, {environment, jobName})
    return {deadLetter, kind: 'refused', reason, isForceable: false}
  }
  // By the ledger's own times: this machine's clock may be another's.
  const since = new Date(Math.max(0, ...history.map(({at}) => at.getTime() + 1)))
  const {runId} = plan
  const unrecorded = await ledger.record(toReplayEntry(deadLetter, {requestedBy, messageId, runId, at: now()})).then(
    () => undefined,
    error => `the run ledger doesn't know of this replay yet: ${toMessageText(error)}`,
  )
  const stillListed = await leased.acknowledge(deadLetter.id).then(
    () => undefined,
    error => `it is still listed, since it could not be acknowledged: ${toMessageText(error)}`,
  )
  const warning = [plan.warning, unrecorded, stillListed].filter(text => text !== undefined).join('; ')
  return {deadLetter, kind: 'replayed', messageId, runId, since, ...(warning === '' ? {} : {warning})}
}

/**
 * Replays dead letters one after the other. What fails at one would fail at the others too: they are left as they are.
 * A second dead letter of the same run waits for what becomes of the first.
 *
 * @param options.signal ends it between two dead letters.
 */
export async function replayDeadLetters(
  services: ReplayServices,
  leased: Pick<LeasedMessages, 'acknowledge'>,
  deadLetters: readonly DeadLetter[],
  options: {readonly signal: AbortSignal; readonly onResult: (result: ReplayResult) => void},
): Promise<ReplayResult[]> {
  const results: ReplayResult[] = []
  for (const deadLetter of deadLetters) {
    options.signal.throwIfAborted()
    const result = await replayNext(services, leased, deadLetter, results)
    results.push(result)
    options.onResult(result)
  }
  return results
}

async function replayNext(
  services: ReplayServices,
  leased: Pick<LeasedMessages, 'acknowledge'>,
  deadLetter: DeadLetter,
  before: readonly ReplayResult[],
): Promise<ReplayResult> {
  if (before.at(-1)?.kind === 'failed')
    return {deadLetter, kind: 'failed', reason: 'not tried, since the one before failed'}
  const twin = before.find(done => done.kind === 'replayed' && isSameRun(done.deadLetter, deadLetter))
  if (twin !== undefined) {
    const reason = `it is of the same run as ${twin.deadLetter.id}: wait for what becomes of that`
    return {deadLetter, kind: 'refused', reason, isForceable: false}
  }
  try {
    return await replayDeadLetter(services, leased, deadLetter)
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    return {deadLetter, kind: 'failed', reason: toMessageText(error)}
  }
}

function isSameRun(a: DeadLetter, b: DeadLetter): boolean {
  return a.runId !== undefined && a.runId === b.runId && a.part === b.part
}
