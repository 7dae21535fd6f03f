import * as z from 'zod'
import type {OrganizationOperations, OrganizationPage} from '../admin-api/organization-operations.ts'
import {isUnreadablePage, readAround} from './list-narrowing.ts'
import {windowAt} from './list-window.ts'

/** An organization of the list, with where it stood when it was read. */
export type ListedOrganization = {
  readonly orgSlug: string
  readonly createdAt: Date | undefined
  readonly index: number
}

type Reading = {readonly start: number; readonly answer: Promise<OrganizationPage>}

/** How far somebody got in the list: enough to find the place again, whatever came and went meanwhile. */
export const listCursorSchema = z.strictObject({
  /** Where the last one stood. */
  index: z.number().int().nonnegative(),
  /** When the last one was created that says so. */
  createdAt: z.iso.datetime().optional(),
  /** The last ones, the very last at the end. */
  recent: z.array(z.string()).max(100),
})
export type ListCursor = z.infer<typeof listCursorSchema>

/** Of the last ones, so many are remembered; so many that half of them may be gone, and the rest is still found. */
const mostRecent = 20
const overlap = mostRecent / 2
/** Less than what `windowAt` promises beyond an index, so that a step back leaves nothing out. */
const stepBack = 48

/** The cursor behind an organization that was taken from the stream. */
export function advanceCursor(cursor: ListCursor | undefined, taken: ListedOrganization): ListCursor {
  const createdAt = taken.createdAt?.toISOString() ?? cursor?.createdAt
  return {
    index: taken.index,
    ...(createdAt === undefined ? {} : {createdAt}),
    recent: [...(cursor?.recent ?? []), taken.orgSlug].slice(-mostRecent),
  }
}

/**
 * Every active organization, newest first, each once; holds two pages at a time, however long the list is.
 *
 * Pages shift: what is added pushes entries to later pages (they would come twice), what is removed pulls them to
 * earlier ones (they would be missed). So each page is chosen to overlap the one before, and is used from where it
 * goes on behind what is known; if it doesn't overlap any more, an earlier one is read. The order among organizations
 * of the same millisecond is taken to be stable.
 *
 * @param options.after where to go on; absent: at the start.
 * @param options.onTotal told how many the list has, with each page.
 * @param options.onUnreadable told the index of each entry that the API can't give; the others come all the same.
 */
export async function* streamOrganizations(options: {
  readonly list: OrganizationOperations['listActiveOrganizations']
  readonly after?: ListCursor | undefined
  readonly onTotal: (total: number) => void
  readonly onUnreadable: (index: number) => void
}): AsyncGenerator<ListedOrganization, void, undefined> {
  const {list, onTotal, onUnreadable} = options
  let cursor = options.after
  let next: Reading | undefined = read(cursor === undefined ? 0 : cursor.index + 1 - overlap)
  try {
    while (next !== undefined) {
      const {start, answer}: Reading = next
      next = undefined
      let page: OrganizationPage
      try {
        page = await answer
      } catch (error) {
        if (!isUnreadablePage(error)) throw error
        const end: number | undefined = yield* aroundUnreadable(start)
        next = end === undefined ? undefined : read(end - overlap)
        continue
      }
      onTotal(page.total)
      const place = findPlace(page, start, cursor)
      if (place === 'earlier') {
        next = read(start - stepBack)
        continue
      }
      const taken = take(page, start, place === 'later' ? page.organizations.length : place)
      // Read ahead, so that nobody waits for the list while there is something to do.
      if (page.has_next) next = read(start + page.organizations.length - overlap)
      yield* taken
    }
  } finally {
    // Nobody is left to hear of its failure when the consumer has stopped.
    await next?.answer.catch(() => undefined)
  }

  /** @returns where the list goes on, undefined at its end. */
  async function* aroundUnreadable(from: number): AsyncGenerator<ListedOrganization, number | undefined, undefined> {
    let end: number | undefined
    for await (const stretch of readAround({list, start: from})) {
      if (stretch.page === undefined) {
        onUnreadable(stretch.unreadable)
        continue
      }
      const {start, page} = stretch
      onTotal(page.total)
      end = page.has_next ? start + page.organizations.length : undefined
      const place = findPlace(page, start, cursor)
      // Such pages are short, and next to each other: one that holds nothing known goes on behind what is known.
      const first = place === 'later' ? page.organizations.length : place === 'earlier' ? 0 : place
      yield* take(page, start, first)
    }
    return end
  }

  function take(page: OrganizationPage, start: number, from: number): ListedOrganization[] {
    const taken = page.organizations
      .slice(from)
      .map(({org_slug, created_at}, i) => ({orgSlug: org_slug, createdAt: created_at, index: start + from + i}))
    for (const organization of taken) cursor = advanceCursor(cursor, organization)
    return taken
  }

  function read(index: number): Reading {
    const {page, pageSize, start} = windowAt(Math.max(0, index))
    const answer = list({page, pageSize})
    answer.catch(() => undefined)
    return {start, answer}
  }
}

/** Where in a page the unknown begins, or on which side of the page that place is. */
function findPlace(
  {organizations}: OrganizationPage,
  start: number,
  cursor: ListCursor | undefined,
): number | 'earlier' | 'later' {
  if (cursor === undefined) return 0
  // The list has become shorter than where we were.
  if (organizations.length === 0) return start > 0 ? 'earlier' : 0
  const {recent} = cursor
  const known = organizations.findLastIndex(({org_slug}) => recent.includes(org_slug))
  if (known !== -1) return known + 1
  // None of those remembered is here: by time, then. Of equal times, or where no time is known, better twice than never.
  if (cursor.createdAt === undefined) return 0
  const createdAt = new Date(cursor.createdAt)
  const older = organizations.findIndex(({created_at}) => created_at === undefined || created_at <= createdAt)
  if (older === -1) return 'later'
  return older === 0 && start > 0 ? 'earlier' : older
}
