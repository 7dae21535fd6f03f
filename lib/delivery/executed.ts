import {UnavailableError} from '../errors/unavailable-error.ts'
import {claimAndWait} from '../ledger/claim-and-wait.ts'
import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import type {DeliveryServices} from './delivery.ts'

/** An attempt that was executed, on its way to the ledger. */
export type Executed = {
  readonly started: LedgerEntry
  /** Whether the ledger knows that it started; if not, it has no number yet. */
  readonly isRecorded: boolean
  readonly attemptsOfMessage: number
}

/** How often an attempt that the ledger didn't know tries to get a number. */
const maxRounds = 5

/**
 * Writes an attempt's end. One that the ledger never saw start takes the next attempt's claim with it, so that it
 * ends no other attempt, and no first delivery starts the run as well.
 */
export async function recordEnd(
  {ledger}: Pick<DeliveryServices, 'ledger'>,
  {isRecorded}: Executed,
  entry: LedgerEntry,
): Promise<void> {
  if (isRecorded) return ledger.record(entry)
  let attempt = 1
  for (let round = 0; round < maxRounds; round += 1) {
    if (await claimAndWait(ledger, {...entry, attempt})) return
    const history = await ledger.history(entry.runId)
    attempt = 1 + Math.max(attempt, ...history.map(known => known.attempt))
  }
  throw new UnavailableError(`${maxRounds} other attempts of run ${entry.runId} began at once`, {
    mayHaveExecuted: false,
  })
}
