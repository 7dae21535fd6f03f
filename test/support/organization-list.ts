import type {OrganizationOperations, OrganizationSyncResult} from '../../lib/admin-api/organization-operations.ts'

type Listed = {readonly orgSlug: string; readonly createdAt: Date}

/** The API's list of active organizations, newest first, and what a test does to it between two pages. */
export type OrganizationList = {
  readonly list: OrganizationOperations['listActiveOrganizations']
  /** A new one, at the front. */
  readonly add: () => void
  /** From anywhere. @param at index, from 0 */
  readonly remove: (at: number) => void
  /** An old one that is active again: wherever its age puts it. */
  readonly reactivate: (at: number) => void
  readonly slugs: () => string[]
  /** The pages that were read, `page×size`. */
  readonly reads: readonly string[]
}

const firstDay = Date.UTC(2026, 0)

/**
 * @param options.perMillisecond so many are created in one.
 * @param options.beforeRead called before each page is answered.
 */
export function createOrganizationList(
  count: number,
  options: {readonly perMillisecond?: number; readonly beforeRead?: (list: OrganizationList) => void} = {},
): OrganizationList {
  const {perMillisecond = 1, beforeRead} = options
  const createdAt = (number: number) => new Date(firstDay + Math.floor(number / perMillisecond))
  const organizations: Listed[] = Array.from({length: count}, (_, i) => {
    const number = count - i
    return {orgSlug: `org_${String(number).padStart(6, '0')}`, createdAt: createdAt(number)}
  })
  const reads: string[] = []
  let added = 0
  const list: OrganizationList = {
    reads,
    slugs: () => organizations.map(({orgSlug}) => orgSlug),
    add() {
      added += 1
      organizations.unshift({orgSlug: `new_${added}`, createdAt: createdAt(count + perMillisecond + added)})
    },
    remove: at => void organizations.splice(at, 1),
    reactivate(at) {
      added += 1
      const {createdAt} = organizations[at] ?? {createdAt: new Date(firstDay)}
      organizations.splice(at, 0, {orgSlug: `back_${added}`, createdAt})
    },
    async list({page, pageSize}) {
      if (reads.length > 10_000) throw new Error('the list is read without end')
      beforeRead?.(list)
      reads.push(`${page}×${pageSize}`)
      const start = (page - 1) * pageSize
      const found = organizations.slice(start, start + pageSize)
      return {
        organizations: found.map(({orgSlug, createdAt}) => ({org_slug: orgSlug, created_at: createdAt})),
        total: organizations.length,
        has_next: start + found.length < organizations.length,
      }
    },
  }
  return list
}

/** What a sync answers that found nothing to do. */
export function syncResult(more: Partial<OrganizationSyncResult> = {}): OrganizationSyncResult {
  return {
    status: 'SUCCESS',
    dataset_created: false,
    tables_created: [],
    columns_added: {},
    errors: [],
    message: 'Already in sync: no changes needed',
    ...more,
  }
}
