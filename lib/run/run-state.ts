import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import type {RunRequest} from './run-request.ts'

/** What the ledger knows about the part of a run that a message asks for. */
export type RunState =
  /** Nothing more is to be done for this message. */
  | {readonly kind: 'finished'; readonly entry: LedgerEntry}
  /** Somebody executes it, and its last heartbeat isn't long ago. */
  | {readonly kind: 'running'; readonly leaseUntil: Date}
  /** An attempt started and never ended, or ended with an unknown outcome. */
  | {
      readonly kind: 'abandoned'
      readonly attempt: number
      /** The highest such attempt: what an operator's consent must name. */
      readonly unknownAttempt: number
      /** Its entry; undefined where only a dead letter's note says it. */
      readonly entry: LedgerEntry | undefined
    }
  /** Free to be attempted: the first time, or after a failure that may pass. */
  | {readonly kind: 'free'; readonly attempt: number}

type Request = Pick<
  RunRequest,
  'part' | 'trigger' | 'messageId' | 'requestId' | 'checkedAttempt' | 'endedAttempt' | 'doubtfulAttempt'
>

/** The name of the error by which the ledger keeps an attempt that was claimed and given up before `run()`. */
export const notExecutedName = 'NotExecuted'

/**
 * Decides what a message meets, from the run's history.
 *
 * @param history every entry of the run, oldest first.
 */
export function runStateOf(history: readonly LedgerEntry[], request: Request, now: Date): RunState {
  const {checkedAttempt, endedAttempt, doubtfulAttempt} = request
  // Numbers that a message names are used up, though the ledger may have lost them: consent never covers a new attempt.
  const known = [checkedAttempt, endedAttempt, doubtfulAttempt, ...history.map(entry => entry.attempt)]
  const attempt = 1 + Math.max(0, ...known)
  const ofPart = history.filter(({part}) => part === request.part)

  const finished =
    history.find(({event}) => event === 'succeeded' || event === 'degraded' || event === 'skipped') ??
    ofPart.find(({event}) => event === 'continued') ??
    history.find(entry => entry.event === 'cancelled' && blocks(entry, request)) ??
    ofPart.find(entry => blocks(entry, request))
  if (finished !== undefined) return {kind: 'finished', entry: finished}

  const open = ofPart.filter(
    entry => entry.event === 'started' && entry.attempt !== endedAttempt && !hasEnded(history, entry),
  )
  const leases = open.map(started => leaseOf(history, started))
  const leaseUntil = leases.toSorted((a, b) => b.getTime() - a.getTime())[0]
  if (leaseUntil !== undefined && leaseUntil > now) return {kind: 'running', leaseUntil}

  const unknown = [...open, ...ofPart.filter(({error}) => error?.kind === 'unknown outcome')]
  const entry = unknown.toSorted((a, b) => a.attempt - b.attempt).at(-1)
  const unknownAttempt = Math.max(doubtfulAttempt, entry?.attempt ?? 0)
  // What an operator checked is as good as failed, but never what came after it.
  if (unknownAttempt > checkedAttempt) {
    return {kind: 'abandoned', attempt, unknownAttempt, entry: entry?.attempt === unknownAttempt ? entry : undefined}
  }
  return {kind: 'free', attempt}
}

/**
 * How often this very request was executed. Two messages of one publication are one request; a replay is another one,
 * and starts from zero. An attempt that was given up before `run()` doesn't count.
 */
export function attemptsOfRequest(history: readonly LedgerEntry[], request: Identity): number {
  const given = new Set(history.flatMap(({attempt, error}) => (error?.name === notExecutedName ? [attempt] : [])))
  const own = history.filter(entry => entry.attempt > 0 && isOfRequest(entry, request) && !given.has(entry.attempt))
  return new Set(own.map(({attempt}) => attempt)).size
}

type Identity = Pick<RunRequest, 'messageId' | 'requestId'>

/** Whether an entry is of the same request: by the publication, or by the message where that doesn't say it. */
function isOfRequest(entry: LedgerEntry, {messageId, requestId}: Identity): boolean {
  return entry.messageId === messageId || (requestId !== undefined && entry.requestId === requestId)
}

/**
 * A run that failed for good, or was given up, is not run again by another delivery, nor by a double fire of the
 * scheduler, whose message has another id: only by a replay. A message that can't be read says nothing about the run
 * whose id it bears.
 */
function blocks(entry: LedgerEntry, request: Request): boolean {
  const isGivenUp = entry.event === 'discarded' || entry.event === 'cancelled'
  const isDeadLettered =
    entry.event === 'failed' && entry.error?.kind !== undefined && entry.error.kind !== 'unreadable'
  if (!isGivenUp && !isDeadLettered) return false
  return request.trigger !== 'replay' || isOfRequest(entry, request)
}

function hasEnded(history: readonly LedgerEntry[], started: LedgerEntry): boolean {
  return history.some(
    ({attempt, event}) =>
      attempt === started.attempt && event !== 'started' && event !== 'progress' && event !== 'duplicate',
  )
}

function leaseOf(history: readonly LedgerEntry[], started: LedgerEntry): Date {
  return history
    .filter(({attempt, event}) => attempt === started.attempt && event === 'progress')
    .reduce((latest, {leaseUntil}) => laterOf(latest, leaseUntil), started.leaseUntil ?? started.at)
}

function laterOf(a: Date, b: Date | undefined): Date {
  return b !== undefined && b > a ? b : a
}
