import type {LedgerEntry} from '../../lib/ledger-entry.ts'
import type {RunLedger} from '../../lib/run-ledger.ts'

/** A run ledger in memory: the first to claim an attempt gets it, entries that end one are written once. */
export function createMemoryLedger(): RunLedger & {readonly entries: LedgerEntry[]} {
  const entries: LedgerEntry[] = []
  const isSame = (a: LedgerEntry, b: LedgerEntry) =>
    a.runId === b.runId && a.attempt === b.attempt && isStart(a) === isStart(b)
  return {
    entries,
    history: async runId => entries.filter(entry => entry.runId === runId),
    since: async moment => entries.filter(({at}) => at >= moment),
    async claim(started) {
      if (entries.some(entry => isSame(entry, started))) return false
      entries.push(started)
      return true
    },
    async record(entry) {
      const isRepeated = entry.event === 'progress' || entry.event === 'duplicate' || entry.attempt === 0
      const ended = (other: LedgerEntry) =>
        other.event !== 'progress' && other.event !== 'duplicate' && isSame(other, entry)
      if (isRepeated || !entries.some(ended)) entries.push(entry)
    },
  }
}

function isStart({event}: LedgerEntry): boolean {
  return event === 'started'
}
