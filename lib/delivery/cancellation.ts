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
  {runId, messageId, at}: Pick<LedgerEntry, 'runId' | 'messageId' | 'at'>,
): Promise<boolean> {
  const history = await ledger.history(runId)
  // By the message where it is known: the operator's clock is another one.
  return history.some(entry => entry.event === 'cancelled' && (entry.messageId === messageId || entry.at >= at))
}
