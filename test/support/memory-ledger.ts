import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'

/** A run ledger in memory, append-only: the first to claim an attempt gets it, every other loses. */
export function createMemoryLedger(): RunLedger & {readonly entries: LedgerEntry[]} {
  const entries: LedgerEntry[] = []
  const claims = new Set<string>()
  return {
    entries,
    history: async runId => entries.filter(entry => entry.runId === runId),
    since: async (moment, {until} = {}) =>
      entries.filter(({at}) => at >= moment && (until === undefined || at < until)),
    async claim(entry) {
      // Attempt 1's claim may be what ended the run without an attempt.
      const isTaken = ({event, runId, attempt}: LedgerEntry) =>
        runId === entry.runId && attempt === entry.attempt && (event === 'started' || claims.has(`${runId} ${attempt}`))
      if (entries.some(isTaken)) return false
      claims.add(`${entry.runId} ${entry.attempt}`)
      entries.push(entry)
      return true
    },
    record: async entry => void entries.push(entry),
  }
}
