import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import type {RunRequest} from './run-request.ts'

/** What the ledger knows about the part of a run that a message asks for. */
export type RunState =
  /** Nothing more is to be done for this message. */
  | {readonly kind: 'finished'; readonly entry: LedgerEntry}
  /** Somebody executes it, and showed a sign of life not long ago. */
  | {readonly kind: 'running'; readonly leaseUntil: Date}
  /** An attempt started and never ended, or ended so that nobody knows what it did. */
  | {readonly kind: 'abandoned'; readonly attempt: number; readonly entry: LedgerEntry}
  /** Free to be attempted: the first time, or after a failure that may pass. */
  | {readonly kind: 'free'; readonly attempt: number}

/**
 * Decides what a message meets, from the run's history.
 *
 * @param history every entry of the run, oldest first.
 */
export function runStateOf(history: readonly LedgerEntry[], request: RunRequest, now: Date): RunState {
  const attempt = 1 + Math.max(0, ...history.map(entry => entry.attempt))
  const ofPart = history.filter(({part}) => part === request.part)

  const finished =
    history.find(({event}) => event === 'succeeded' || event === 'degraded' || event === 'skipped') ??
    ofPart.find(({event}) => event === 'continued') ??
    ofPart.find(entry => blocks(entry, request))
  if (finished !== undefined) return {kind: 'finished', entry: finished}

  const open = ofPart.filter(entry => entry.event === 'started' && !hasEnded(history, entry))
  const leases = open.map(started => leaseOf(history, started))
  const leaseUntil = leases.toSorted((a, b) => b.getTime() - a.getTime())[0]
  if (leaseUntil !== undefined && leaseUntil > now) return {kind: 'running', leaseUntil}
  // What a person has looked at and accepted is as good as failed: not what this very message left behind since.
  const isDoubtful = ({messageId}: LedgerEntry) => !request.isForced || messageId === request.messageId
  const unknown = ofPart.filter(({error}) => error?.kind === 'unknown outcome')
  const abandoned = open.findLast(isDoubtful) ?? unknown.findLast(isDoubtful)
  if (abandoned !== undefined) return {kind: 'abandoned', attempt, entry: abandoned}
  return {kind: 'free', attempt}
}

/** How often this very message was attempted; a replay is another message, and starts anew. */
export function attemptsOfMessage(history: readonly LedgerEntry[], messageId: string): number {
  return history.filter(entry => entry.event === 'started' && entry.messageId === messageId).length
}

/**
 * A run that failed for good, or was given up, is not run again by another delivery, nor by a double fire of the scheduler, whose
 * message has another id: only by a replay.
 */
function blocks(entry: LedgerEntry, request: RunRequest): boolean {
  const isGivenUp = entry.event === 'discarded' || entry.event === 'cancelled'
  if (!isGivenUp && (entry.event !== 'failed' || entry.error?.kind === undefined)) return false
  return request.trigger !== 'replay' || entry.messageId === request.messageId
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
