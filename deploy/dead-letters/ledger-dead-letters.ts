import type {Job} from '../../lib/job/job.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {isDiscard} from '../runs/run-progress.ts'
import type {DeadLetter} from './dead-letter.ts'

/** Dead letters stay in Pub/Sub for 14 days: what the ledger has of earlier ones is history. */
export const retentionDays = 14

/**
 * The dead letters that must be there according to the run ledger: dead-lettered, and neither replayed, cleared nor
 * discarded since. The ledger has what they are, Pub/Sub has their messages.
 *
 * @param entries of all runs, oldest first.
 */
export function openDeadLetters(entries: readonly LedgerEntry[], jobs: readonly Job[]): DeadLetter[] {
  return [...Map.groupBy(entries, ({runId}) => runId).values()].flatMap(history =>
    history
      .filter(isDeadLettered)
      .flatMap(entry => (isResolved(entry, history) ? [] : [toDeadLetter(entry, history, jobs)])),
  )
}

type DeadLettered = LedgerEntry & {
  readonly error: NonNullable<LedgerEntry['error']> & {readonly kind: DeadLetter['kind']; readonly deadLetterId: string}
}

function isDeadLettered(entry: LedgerEntry): entry is DeadLettered {
  const {event, error} = entry
  return event === 'failed' && error?.kind !== undefined && error.deadLetterId !== undefined
}

function isResolved(entry: DeadLettered, history: readonly LedgerEntry[]): boolean {
  const id = entry.error.deadLetterId
  return history.some(other => {
    // What a command did with it is on record under its id.
    if (other.event !== 'failed' && other.error?.deadLetterId === id) return true
    if (other.part !== entry.part || other.at <= entry.at) return false
    // Republished by hand, or by a release that kept no such record.
    const isAttempt = other.event === 'started' || isDeadLettered(other)
    return (isAttempt && other.trigger === 'replay') || isDiscard(other)
  })
}

function toDeadLetter(entry: DeadLettered, history: readonly LedgerEntry[], jobs: readonly Job[]): DeadLetter {
  const {job, runId, part, attempt, at, messageId, error} = entry
  const started = history.filter(other => other.event === 'started' && other.part === part)
  return {
    id: error.deadLetterId,
    isAvailable: false,
    deadLetteredAt: at,
    deadLetteredBy: 'the function',
    job,
    runId,
    part,
    kind: error.kind,
    reason: toPrintableLine(error.message, 1500),
    error: error.name,
    sourceTopic: jobs.find(({name}) => name === job)?.topic,
    attempt,
    attempts: attempt,
    replays: new Set(started.filter(({trigger}) => trigger === 'replay').map(start => start.messageId)).size,
    firstAt: started[0]?.at ?? at,
    lastAt: at,
    messageId,
    original: {data: Buffer.alloc(0), attributes: {}},
  }
}
