import {clearedErrorName} from '../../lib/delivery/clear-superseded.ts'
import {currentVersion} from '../../lib/environment/version.ts'
import {InvalidMessageError} from '../../lib/errors/invalid-message-error.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {parseData} from '../../lib/run/message.ts'
import type {DeadLetter} from './dead-letter.ts'

/** Name of the error that a discarded run's last entry has. */
const errorName = 'Discarded'
/** Arguments beyond this are not kept: the ledger is no place for a message of megabytes. */
const maxArgumentBytes = 20_000

/** How the ledger keeps that an operator gave a run up: no delivery runs it again by itself. */
export function toDiscardEntry(
  deadLetter: DeadLetter,
  {requestedBy, reason, at}: {readonly requestedBy: string; readonly reason: string; readonly at: Date},
): LedgerEntry {
  const text = `discarded by ${requestedBy}: ${reason}`
  return {
    ...toDeadLetterEntry(deadLetter, {requestedBy, at}),
    event: 'discarded',
    summary: text,
    error: {
      name: errorName,
      message: `${text} (dead letter ${deadLetter.id}: ${deadLetter.reason})`,
      details: [],
      disposition: 'permanent',
      kind: deadLetter.kind,
      deadLetterId: deadLetter.id,
    },
  }
}

/** How the ledger keeps that a dead letter was taken away because its run was over. */
export function toClearEntry(
  deadLetter: DeadLetter,
  {requestedBy, reason, at}: {readonly requestedBy: string; readonly reason: string; readonly at: Date},
): LedgerEntry {
  const summary = `dead letter ${deadLetter.id} cleared by ${requestedBy}: ${reason}`
  return toResolvedEntry(deadLetter, {requestedBy, at, summary, name: clearedErrorName})
}

/** How the ledger keeps that a dead letter was published again: the attempt that follows speaks for itself. */
export function toReplayEntry(
  deadLetter: DeadLetter,
  by: {
    readonly requestedBy: string
    readonly messageId: string
    /** The run that the replay is of. */
    readonly runId: string | undefined
    readonly at: Date
  },
): LedgerEntry {
  const {requestedBy, messageId, runId, at} = by
  const link = runId === undefined || runId === deadLetter.runId ? '' : `, as run ${runId}`
  const summary = `dead letter ${deadLetter.id} replayed by ${requestedBy} as message ${messageId}${link}`
  return toResolvedEntry(deadLetter, {requestedBy, at, summary, name: 'DeadLetterReplayed'})
}

// A duplicate ends nothing and begins nothing; the dead letter's id says which one is gone.
function toResolvedEntry(
  deadLetter: DeadLetter,
  {summary, name, ...by}: {requestedBy: string; at: Date; summary: string; name: string},
): LedgerEntry {
  const error = {name, message: summary, details: [], disposition: 'permanent' as const, deadLetterId: deadLetter.id}
  return {...toDeadLetterEntry(deadLetter, by), event: 'duplicate', summary, error}
}

// Attempt 0: nothing was attempted, and an attempt's end is written once only, so a second entry would get lost.
function toDeadLetterEntry(deadLetter: DeadLetter, {requestedBy, at}: {requestedBy: string; at: Date}) {
  return {
    runId: deadLetter.runId ?? `${deadLetter.job ?? 'unknown'}@letter-${deadLetter.id}`,
    job: deadLetter.job ?? 'unknown',
    attempt: 0,
    part: deadLetter.part,
    at,
    messageId: deadLetter.messageId ?? deadLetter.id,
    trigger: 'manual' as const,
    requestedBy,
    args: argsOf(deadLetter),
    version: currentVersion(),
  }
}

function argsOf({original: {data}}: DeadLetter): Record<string, unknown> {
  if (data.length > maxArgumentBytes) return {}
  try {
    return {...parseData(data)}
  } catch (error) {
    if (!(error instanceof InvalidMessageError)) throw error
    return {}
  }
}
