/** Appends and keeps the newest entries only, so that a sandbox that stays up for long needs no more memory. */
export type BoundedLog<Entry> = {
  readonly add: (entry: Entry) => void
  /** Oldest first. The same array for ever, so that a holder sees what comes. */
  readonly entries: readonly Entry[]
}

/** @param capacity how many entries are kept at least; up to an eighth more for a while, since forgetting one by one is slow. */
export function createBoundedLog<Entry>(capacity: number): BoundedLog<Entry> {
  const entries: Entry[] = []
  return {
    entries,
    add(entry) {
      entries.push(entry)
      if (entries.length > capacity * 1.125) entries.splice(0, entries.length - capacity)
    },
  }
}
