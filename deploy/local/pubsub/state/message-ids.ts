/**
 * Ids like Google's: decimal numbers that only grow. They begin at the time in microseconds, so that a sandbox that was
 * emptied does not give out the ids that the ledger of the one before knows.
 *
 * @param now wall clock in milliseconds.
 * @param known ids that were given out before.
 */
export function createMessageIds(now: () => number, known: Iterable<string>): () => string {
  let last = now() * 1000
  for (const id of known) last = Math.max(last, Number(id))
  return () => {
    last += 1
    return String(last)
  }
}
