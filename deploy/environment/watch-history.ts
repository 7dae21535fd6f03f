import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {Connection} from './connect.ts'

/** The ledger is asked at least this often, whatever its version says. */
const maxAgeMilliseconds = 15_000

/**
 * A run's history for as long as a command waits: asked anew only when the ledger has changed, since a query takes a second
 * and bills 10 MB, and its version costs nothing.
 *
 * @returns a function that throws what `ledger.history` throws.
 */
export function watchHistory(
  {ledger, ledgerVersion}: {readonly ledger: Pick<Connection['ledger'], 'history'>} & Pick<Connection, 'ledgerVersion'>,
  runId: string,
): () => Promise<readonly LedgerEntry[]> {
  let latest: {readonly entries: readonly LedgerEntry[]; readonly version: string; readonly at: number} | undefined
  return async () => {
    const at = performance.now()
    // Asked before the history: what changes between the two is seen the next time.
    const version = await ledgerVersion().catch(() => undefined)
    if (version !== undefined && latest?.version === version && at - latest.at < maxAgeMilliseconds) {
      return latest.entries
    }
    const entries = await ledger.history(runId)
    latest = version === undefined ? undefined : {entries, version, at}
    return entries
  }
}
