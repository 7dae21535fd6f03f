import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toMessageText} from '../../lib/log/error-text.ts'

/** What every tab shows comes from here: one reader of the ledger, however many ask. */
export type LedgerCache = {
  /** Entries of each run, oldest first. */
  readonly runs: () => ReadonlyMap<string, readonly LedgerEntry[]>
  /**
   * Every entry of one run, progress included, however far back it began. Read in full when it is first asked for, and
   * while it lasts whenever the table has changed; after that the window's reading brings what is new.
   *
   * @throws UnavailableError
   */
  readonly history: (runId: string) => Promise<readonly LedgerEntry[]>
  /** Grows whenever something that a view shows has changed. */
  readonly revision: () => number
  readonly state: () => LedgerCacheState
  /** Brings the cache up to date, at most once in `freshMilliseconds`; several callers share one reading. */
  readonly refresh: () => Promise<void>
  /** Reads further into the past, once. */
  readonly extend: (from: Date) => Promise<void>
  /** Something that isn't in the ledger has changed: an action, a schedule. */
  readonly touch: () => void
}

export type LedgerCacheState = {
  readonly from: Date
  readonly asOf: Date
  readonly queries: number
  /** Why the ledger could not be read the last time. */
  readonly trouble: string | undefined
}

/** Two clocks need not agree, and a row may arrive after a later one: what is read again overlaps by this much. */
const overlapMilliseconds = 180_000

/** Read at least this often while a view is open, whatever the table's time of change says. */
const maxUnreadMilliseconds = 300_000

export type LedgerCacheOptions = {
  /** Every entry of the window, progress excluded. @throws UnavailableError */
  readonly read: (from: Date, to: Date | undefined) => Promise<readonly LedgerEntry[]>
  /** Every entry of one run. @throws UnavailableError */
  readonly history: (runId: string) => Promise<readonly LedgerEntry[]>
  /** Changes whenever the table does, and costs nothing to ask; undefined: it can't be told. */
  readonly changedAt: () => Promise<string | undefined>
  /** Whether a run may still get entries: those are read with their progress. */
  readonly isOpen: (history: readonly LedgerEntry[]) => boolean
  readonly now: () => Date
  readonly firstDays: number
  readonly freshMilliseconds: number
}

/** Reads only when a view asks. */
export function createLedgerCache(options: LedgerCacheOptions): LedgerCache {
  const {now, read} = options
  const runs = new Map<string, LedgerEntry[]>()
  const keys = new Set<string>()
  let revision = 1
  let queries = 0
  let from = new Date(now().getTime() - options.firstDays * 86_400_000)
  let readUpTo: Date | undefined
  let asOf = new Date(0)
  let version: string | undefined
  let trouble: string | undefined
  let refreshing: Promise<void> | undefined
  let extending = Promise.resolve()
  /** Runs that were read in full, and the reading of the window after which they were. */
  const whole = new Map<string, {readonly after: Date | undefined; readonly reading: Promise<void>}>()

  const add = (entries: readonly LedgerEntry[]) => {
    let added = 0
    for (const entry of entries) {
      const key = `${entry.runId} ${entry.attempt} ${entry.part} ${entry.event} ${entry.at.getTime()} ${entry.messageId}`
      if (keys.has(key)) continue
      keys.add(key)
      const history = runs.get(entry.runId)
      if (history === undefined) runs.set(entry.runId, [entry])
      else {
        history.push(entry)
        if ((history.at(-2)?.at ?? entry.at) > entry.at) history.sort((a, b) => a.at.getTime() - b.at.getTime())
      }
      added += 1
    }
    if (added > 0) revision += 1
  }

  const readWhole = (runId: string): Promise<void> => {
    const read = async () => {
      queries += 1
      add(await options.history(runId))
    }
    const reading = read().catch(error => {
      whole.delete(runId)
      throw error
    })
    whole.set(runId, {after: readUpTo, reading})
    return reading
  }

  async function update(): Promise<void> {
    const startedAt = now()
    try {
      const seen = await options.changedAt()
      const isOld = readUpTo === undefined || startedAt.getTime() - readUpTo.getTime() > maxUnreadMilliseconds
      const isChanged = seen === undefined || seen !== version || isOld
      if (isChanged) {
        const since = readUpTo === undefined ? from : new Date(readUpTo.getTime() - overlapMilliseconds)
        queries += 1
        add(await read(since, undefined))
        readUpTo = startedAt
        version = seen
        const open = [...runs.values()].filter(options.isOpen).slice(-10)
        for (const history of open) await readWhole(history[0]?.runId ?? '')
      }
      asOf = startedAt
      if (trouble !== undefined) revision += 1
      trouble = undefined
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error
      const text = toMessageText(error)
      if (trouble !== text) revision += 1
      trouble = text
    }
  }

  return {
    runs: () => runs,
    revision: () => revision,
    state: () => ({from, asOf, queries, trouble}),
    touch() {
      revision += 1
      version = undefined
    },
    async refresh() {
      if (refreshing === undefined && now().getTime() - asOf.getTime() < options.freshMilliseconds) return
      refreshing ??= update().finally(() => {
        refreshing = undefined
      })
      await refreshing
    },
    async history(runId) {
      const known = whole.get(runId)
      const isCurrent = known !== undefined && (known.after === readUpTo || !options.isOpen(runs.get(runId) ?? []))
      await (isCurrent ? known.reading : readWhole(runId))
      return runs.get(runId) ?? []
    },
    async extend(wanted) {
      const extend = async () => {
        if (wanted >= from) return
        const until = from
        queries += 1
        add(await read(wanted, until))
        from = wanted
        revision += 1
      }
      extending = extending.then(extend, extend)
      await extending
    },
  }
}
