import {
  type Organization,
  type OrganizationDataset,
  type OrganizationState,
  type OrganizationStatus,
  orgSlugSchema,
  type Profile,
} from './organization.ts'

type Entry = Organization & {readonly order: number; readonly createdAt: number}

type Page = {readonly profiles: readonly Profile[]; readonly total: number; readonly hasNext: boolean}

/** A new organization; what is absent gets something plausible. */
export type NewOrganization = Partial<Profile> & {
  readonly org_slug: string
  readonly dataset?: OrganizationDataset | undefined
  readonly state?: OrganizationState
}

/** What a test may do to the organizations behind the service's back, and see of them. */
export type OrganizationControls = {
  /** @throws Error for a slug that is malformed or taken. */
  readonly add: (organization: NewOrganization) => void
  readonly remove: (orgSlug: string) => void
  /** Adds ACTIVE organizations, without datasets, named `org_000001` and on, each a second younger than the one before. */
  readonly seed: (count: number) => void
  readonly get: (orgSlug: string) => Readonly<Organization> | undefined
  readonly count: (status?: OrganizationStatus) => number
  readonly setStatus: (orgSlug: string, status: OrganizationStatus) => void
  readonly setState: (orgSlug: string, state: OrganizationState) => void
  /** Undefined: the dataset is gone. */
  readonly setDataset: (orgSlug: string, dataset: OrganizationDataset | undefined) => void
  /** From now on, or this many `times`, work on this organization fails with the reason; the others' goes on. */
  readonly break: (orgSlug: string, reason: string, times?: number) => void
  readonly mend: (orgSlug: string) => void
  /** Those with this status now, or all, oldest first. A copy: work over it isn't disturbed by concurrent changes. */
  readonly list: (status?: OrganizationStatus) => Organization[]
}

export type OrganizationRegistry = OrganizationControls & {
  /**
   * Newest first, without a date last; costs as much as the page is long. Pages count from 1. Organizations of the same
   * moment have no order of their own: each call may give them another.
   */
  readonly page: (options: {status?: OrganizationStatus | undefined; page: number; pageSize: number}) => Page
  /** The reason why work on this organization fails now, if it does; asking counts as one of the `times`. */
  readonly takeFailure: (orgSlug: string) => string | undefined
  readonly clear: () => void
}

/** All organizations of the service, in the order in which they came. */
export function createOrganizationRegistry(now: () => Date): OrganizationRegistry {
  const bySlug = new Map<string, Entry>()
  /** The oldest first. */
  const ordered = {ALL: createIndex(), ACTIVE: createIndex(), SUSPENDED: createIndex(), CANCELLED: createIndex()}
  const failures = new Map<string, {readonly reason: string; left: number}>()
  let nextOrder = 0
  let calls = 0

  const registry: OrganizationRegistry = {
    add({dataset, state = {}, ...profile}) {
      const slug = orgSlugSchema.parse(profile.org_slug)
      if (bySlug.has(slug)) throw new Error(`there is an organization ${slug} already`)
      const full = toProfile(profile, now())
      // BigQuery sorts NULL before everything, so newest first has it last.
      const createdAt = full.created_at === null ? Number.NEGATIVE_INFINITY : Date.parse(full.created_at)
      const organization = {profile: full, dataset, state, order: nextOrder++, createdAt}
      bySlug.set(slug, organization)
      ordered.ALL.insert(organization)
      ordered[organization.profile.status].insert(organization)
    },
    remove(slug) {
      const organization = find(slug)
      bySlug.delete(slug)
      ordered.ALL.remove(organization)
      ordered[organization.profile.status].remove(organization)
    },
    seed(count) {
      const first = now().getTime() - count * 1000
      for (let made = 0, number = bySlug.size + 1; made < count; number++) {
        const slug = `org_${String(number).padStart(6, '0')}`
        if (bySlug.has(slug)) continue
        const created_at = new Date(first + made * 1000).toISOString()
        registry.add({org_slug: slug, company_name: `Organization ${number}`, created_at})
        made += 1
      }
    },
    get: slug => bySlug.get(slug),
    count: (status = undefined) => ordered[status ?? 'ALL'].entries.length,
    setStatus(slug, status) {
      const organization = find(slug)
      ordered[organization.profile.status].remove(organization)
      organization.profile = {...organization.profile, status}
      ordered[status].insert(organization)
    },
    setState(slug, state) {
      const organization = find(slug)
      organization.state = {...organization.state, ...state}
    },
    setDataset(slug, dataset) {
      find(slug).dataset = dataset
    },
    break: (slug, reason, times = Number.POSITIVE_INFINITY) => void failures.set(slug, {reason, left: times}),
    mend: slug => void failures.delete(slug),
    page({status, page, pageSize}) {
      const index = ordered[status ?? 'ALL']
      const {entries} = index
      calls += 1
      const end = Math.max(0, entries.length - (page - 1) * pageSize)
      const start = Math.max(0, end - pageSize)
      const members = entries.slice(start, end)
      const shown = calls % 2 === 0 ? members.map((_, place) => index.mirrored(start + place)) : members
      return {profiles: shown.map(({profile}) => profile).reverse(), total: entries.length, hasNext: start > 0}
    },
    list: (status = undefined) => [...ordered[status ?? 'ALL'].entries],
    takeFailure(slug) {
      const failure = failures.get(slug)
      if (failure === undefined || failure.left <= 0) return undefined
      failure.left -= 1
      return failure.reason
    },
    clear() {
      bySlug.clear()
      for (const index of Object.values(ordered)) index.entries.length = 0
    },
  }
  return registry

  function find(slug: string): Entry {
    const organization = bySlug.get(slug)
    if (organization === undefined) throw new Error(`there is no organization ${slug}`)
    return organization
  }
}

function toProfile(given: Partial<Profile> & {org_slug: string}, now: Date): Profile {
  return {
    company_name: given.org_slug,
    admin_email: `admin@${given.org_slug.replaceAll('_', '-')}.example`,
    subscription_plan: 'STARTER',
    status: 'ACTIVE',
    default_currency: 'USD',
    default_timezone: 'UTC',
    created_at: now.toISOString(),
    ...given,
  }
}

/** Organizations by their moment, those of one moment as they came. */
function createIndex() {
  const entries: Entry[] = []
  return {
    entries,
    insert(entry: Entry): void {
      entries.splice(positionOf(entry.createdAt, entry.order), 0, entry)
    },
    remove(entry: Entry): void {
      entries.splice(positionOf(entry.createdAt, entry.order), 1)
    },
    /** Who would be at this position if the organizations of its moment came the other way round. */
    mirrored(position: number): Entry {
      const entry = entries[position]
      if (entry === undefined) throw new RangeError(`no organization at ${position}`)
      const first = positionOf(entry.createdAt, -1)
      const last = positionOf(entry.createdAt, Number.POSITIVE_INFINITY) - 1
      return entries[first + last - position] ?? entry
    },
  }

  /** Where the entry with this moment and order is, or belongs. */
  function positionOf(createdAt: number, order: number): number {
    let low = 0
    let high = entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = entries[middle]
      const isBefore =
        entry !== undefined && (entry.createdAt < createdAt || (entry.createdAt === createdAt && entry.order < order))
      if (isBefore) low = middle + 1
      else high = middle
    }
    return low
  }
}
