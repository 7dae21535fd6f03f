import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import type {RunLedger} from '../ledger/run-ledger.ts'

/**
 * Whether an operator has cancelled the run since this attempt's message was published. What the attempt has in flight
 * ends; it starts nothing new, and no further part follows.
 *
 * @throws UnavailableError if the ledger doesn't answer.
 */
export async function isCancelled(
  ledger: Pick<RunLedger, 'history'>,
  started: Pick<LedgerEntry, 'runId' | 'messageId' | 'at'>,
): Promise<boolean> {
  return findCancellation(await ledger.history(started.runId), started) !== undefined
}

/** The first entry by which an operator cancelled what an attempt started. */
export function findCancellation(
  history: readonly LedgerEntry[],
  {messageId, at}: Pick<LedgerEntry, 'messageId' | 'at'>,
): LedgerEntry | undefined {
  // By the message where it is known: the operator's clock is another one.
  return history.find(entry => entry.event === 'cancelled' && (entry.messageId === messageId || entry.at >= at))
}
