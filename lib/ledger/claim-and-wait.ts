import {LostClaimError} from '../errors/lost-claim-error.ts'
import type {LedgerEntry} from './ledger-entry.ts'
import type {RunLedger} from './run-ledger.ts'

/**
 * Claims an attempt for an entry that decides the run without executing it, and waits until it can be read.
 *
 * @returns false if somebody else has the claim: the history says who.
 * @throws UnavailableError if it can't be known.
 */
export async function claimAndWait(ledger: Pick<RunLedger, 'claim'>, entry: LedgerEntry): Promise<boolean> {
  const claim = await ledger.claim(entry)
  if (claim.kind === 'taken') return false
  try {
    await claim.written
    return true
  } catch (error) {
    if (error instanceof LostClaimError) return false
    throw error
  }
}
