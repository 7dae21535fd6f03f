import {version} from '../../lib/environment/version.ts'
import {UnreadableMessageError} from '../../lib/errors/unreadable-message-error.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {parseData} from '../../lib/run/message.ts'
import type {Letter} from './letter.ts'

/** Name of the error that a discarded run's last entry has. */
const errorName = 'Discarded'
/** Arguments beyond this are not kept: the ledger is no place for a message of megabytes. */
const mostArgumentBytes = 20_000

/**
 * How the ledger keeps that a person gave a run up: as its final failure. It has a kind, so no delivery runs it again
 * by itself, and no letter's id, since there is none any more.
 */
export function toDiscardEntry(
  letter: Letter,
  {requestedBy, reason, at}: {readonly requestedBy: string; readonly reason: string; readonly at: Date},
): LedgerEntry {
  const text = `discarded by ${requestedBy}: ${reason}`
  return {
    ...toLetterEntry(letter, {requestedBy, at}),
    event: 'failed',
    summary: text,
    error: {
      name: errorName,
      message: `${text} (dead letter ${letter.id}: ${letter.reason})`,
      details: [],
      disposition: 'permanent',
      kind: letter.kind,
    },
  }
}

/** How the ledger keeps that a letter was taken away because its run was over. */
export function toClearEntry(
  letter: Letter,
  {requestedBy, reason, at}: {readonly requestedBy: string; readonly reason: string; readonly at: Date},
): LedgerEntry {
  const summary = `dead letter ${letter.id} cleared by ${requestedBy}: ${reason}`
  return {...toLetterEntry(letter, {requestedBy, at}), event: 'duplicate', summary}
}

/** Whether an entry is that of a discard. */
export function discardOf(entry: LedgerEntry): boolean {
  return entry.event === 'failed' && entry.error?.name === errorName
}

// Attempt 0: nothing was attempted, and an attempt's end is written once only, so a second entry would get lost.
function toLetterEntry(letter: Letter, {requestedBy, at}: {requestedBy: string; at: Date}) {
  return {
    runId: letter.runId ?? `${letter.job ?? 'unknown'}@letter-${letter.id}`,
    job: letter.job ?? 'unknown',
    attempt: 0,
    part: letter.part,
    at,
    messageId: letter.messageId ?? letter.id,
    trigger: 'manual' as const,
    requestedBy,
    args: argsOf(letter),
    version,
  }
}

function argsOf({original: {data}}: Letter): Record<string, unknown> {
  if (data.length > mostArgumentBytes) return {}
  try {
    return {...parseData(data)}
  } catch (error) {
    if (!(error instanceof UnreadableMessageError)) throw error
    return {}
  }
}
