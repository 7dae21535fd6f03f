/** A page of a list that is only served in pages of one size, as a stretch of its entries. */
export type ListWindow = {
  readonly page: number
  readonly pageSize: number
  /** Index of its first entry, from 0. */
  readonly start: number
}

const maxPageSize = 100
/** From here to the largest, some size has a page that holds a given entry and at least 49 after it; at 50 no more. */
const smallestPageSize = 51

/**
 * The page that holds an entry and the most of what follows it. Pages of one size can't overlap; by choosing the size
 * anew each time, they can.
 *
 * @param index of the entry, from 0.
 */
export function windowAt(index: number): ListWindow {
  let best: ListWindow = {page: 1, pageSize: 0, start: 0}
  for (let pageSize = maxPageSize; pageSize >= smallestPageSize; pageSize -= 1) {
    const page = Math.floor(index / pageSize) + 1
    if (page * pageSize > best.page * best.pageSize) best = {page, pageSize, start: (page - 1) * pageSize}
  }
  return best
}
