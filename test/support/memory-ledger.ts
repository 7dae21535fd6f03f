import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'

/** A run ledger in memory, append-only: the first to claim an attempt gets it, every other loses. */
export function createMemoryLedger(): RunLedger & {readonly entries: LedgerEntry[]} {
  const entries: LedgerEntry[] = []
  return {
    entries,
    history: async runId => entries.filter(entry => entry.runId === runId),
    since: async moment => entries.filter(({at}) => at >= moment),
    async claim(started) {
      const isTaken = ({event, runId, attempt}: LedgerEntry) =>
        event === 'started' && runId === started.runId && attempt === started.attempt
      if (entries.some(isTaken)) return false
      entries.push(started)
      return true
    },
    record: async entry => void entries.push(entry),
  }
}
