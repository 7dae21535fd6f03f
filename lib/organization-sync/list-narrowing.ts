import type {OrganizationOperations, OrganizationPage} from '../admin-api/organization-operations.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'

/** A stretch of the list that could be read, or one entry that could not. */
export type Stretch =
  | {readonly start: number; readonly page: OrganizationPage}
  | {readonly unreadable: number; readonly page?: never}

/** Of pages of at most 100 entries that overlap by 10, none that begins this far behind an entry holds it. */
const beyondReach = 110
const maxPageSize = 100
/** So many entries in a row that can't be read are no matter of their rows: the list itself is out of order. */
const maxInRow = 5

/**
 * One organization whose row the API can't serialize makes every page that holds it a 500. Reads the list around it, in
 * pages that are halved until the entry stands alone, then grow again; only whole pages of one size can be asked for, so
 * a stretch from 54 on can be 54, 27, 18, 9, 6, 3, 2 or 1 entries long.
 *
 * @param options.start index to begin at.
 * @throws UnavailableError where entry after entry can't be read, and for everything but a 500.
 */
export async function* readAround(options: {
  readonly list: OrganizationOperations['listActiveOrganizations']
  readonly start: number
}): AsyncGenerator<Stretch, void, undefined> {
  const {list, start} = options
  let longest = maxPageSize / 2
  let lastUnreadable = start
  let inRow = 0
  for (let at = start; at <= lastUnreadable + beyondReach; ) {
    const pageSize = longestFrom(at, longest)
    try {
      const page = await list({page: at / pageSize + 1, pageSize, retries: pageSize === 1 ? 1 : 0})
      inRow = 0
      yield {start: at, page}
      if (!page.has_next) return
      at += pageSize
      longest = Math.min(maxPageSize, longest * 2)
    } catch (error) {
      if (!isUnreadablePage(error)) throw error
      if (pageSize > 1) {
        longest = Math.floor(pageSize / 2)
        continue
      }
      inRow += 1
      if (inRow > maxInRow) throw error
      yield {unreadable: at}
      lastUnreadable = at
      at += 1
    }
  }
}

export function isUnreadablePage(error: unknown): error is UnavailableError {
  return error instanceof UnavailableError && error.status === 500
}

/** The largest page size, at most `longest`, of which some page begins at an index. */
function longestFrom(index: number, longest: number): number {
  for (let size = Math.max(1, longest); size > 1; size -= 1) if (index % size === 0) return size
  return 1
}
