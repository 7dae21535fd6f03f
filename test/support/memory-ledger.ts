import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'

/** A run ledger in memory, append-only: the first to claim an attempt gets it, every other loses. */
export function createMemoryLedger(): RunLedger & {readonly entries: LedgerEntry[]} {
  const entries: LedgerEntry[] = []
  const writers = new Map<string, string>()
  return {
    entries,
    history: async runId => entries.filter(entry => entry.runId === runId),
    historyOfDay: async (runId, day) =>
      entries.filter(
        entry => entry.runId === runId && entry.at.toISOString().startsWith(day.toISOString().slice(0, 10)),
      ),
    histories: async runIds =>
      Map.groupBy(
        entries.filter(({runId}) => runIds.includes(runId)),
        ({runId}) => runId,
      ),
    since: async (moment, {until} = {}) =>
      entries.filter(({at}) => at >= moment && (until === undefined || at < until)),
    beginning: async () => entries.map(({at}) => at).toSorted((a, b) => a.getTime() - b.getTime())[0],
    async claim(entry, writer = '') {
      const {runId, attempt} = entry
      const id = `${runId} ${attempt}`
      // An entry that a test put there stands for its claim as well.
      const holder = entries.find(held => held.runId === runId && held.attempt === attempt)
      if (holder !== undefined && (writer === '' || writers.get(id) !== writer)) return {kind: 'taken', at: holder.at}
      writers.set(id, writer)
      if (holder === undefined) entries.push(entry)
      return {kind: 'claimed', written: Promise.resolve()}
    },
    record: async entry => void entries.push(entry),
  }
}
