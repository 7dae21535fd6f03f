import type {Organization} from './organization.ts'
import type {OrganizationRegistry} from './organization-registry.ts'
import type {Operation} from './request-log.ts'
import type {Call, Route} from './route.ts'

/** Where the three quota routes are: the documented place, or that of releases without the `admin/` segment. */
export type QuotaRoutePlace = 'documented' | 'without-admin'

/** The contract's answer of all three. */
type QuotaAnswer = {
  readonly success: boolean
  readonly orgs_processed: number
  readonly orgs_created: number
  readonly orgs_skipped: number
  readonly message: string
}

/**
 * Daily and monthly reset and the clean-up of stuck counters, organization by organization. What is done for one stays
 * done: a call after one that ended early goes on where that got to, and two at once never do the same thing twice.
 */
export function createQuotaRoutes(service: {
  readonly organizations: OrganizationRegistry
  readonly place: QuotaRoutePlace
  readonly secondsPerOrganization: number
  readonly now: () => Date
}): Route[] {
  const {organizations} = service
  return [route('reset-daily', resetDaily), route('reset-monthly', resetMonthly), route('cleanup-stale', cleanUpStale)]

  function route(operation: Operation, work: (call: Call) => Promise<QuotaAnswer>): Route {
    const folder = service.place === 'documented' ? '/api/v1/admin/quota' : '/api/v1/quota'
    // A body is neither asked for nor looked at.
    return {operation, method: 'POST', path: `${folder}/${operation}`, prepare: () => ({work})}
  }

  function resetDaily(call: Call): Promise<QuotaAnswer> {
    const today = service.now().toISOString().slice(0, 10)
    return forEachActive(call, {
      isDue: ({state}) => state.quotaDate !== today,
      act: ({profile}) => organizations.setState(profile.org_slug, {quotaDate: today}),
      say: (created, skipped) => `Daily quota reset for ${today}: ${created} records created, ${skipped} existed`,
    })
  }

  async function resetMonthly(call: Call): Promise<QuotaAnswer> {
    const today = service.now().toISOString().slice(0, 10)
    if (!today.endsWith('-01')) {
      const message = `Monthly reset only runs on the 1st of the month (UTC), today is ${today}: nothing done`
      return {success: true, orgs_processed: 0, orgs_created: 0, orgs_skipped: 0, message}
    }
    const month = today.slice(0, 7)
    return forEachActive(call, {
      isDue: ({state}) => state.quotaMonth !== month,
      act: ({profile}) => organizations.setState(profile.org_slug, {quotaMonth: month}),
      say: (reset, skipped) =>
        `Monthly quota reset for ${month}: ${reset} organizations reset, ${skipped} were already`,
    })
  }

  function cleanUpStale(call: Call): Promise<QuotaAnswer> {
    return forEachActive(call, {
      isDue: ({state}) => (state.stuckCounters ?? 0) > 0,
      act: ({profile}) => organizations.setState(profile.org_slug, {stuckCounters: 0}),
      say: fixed =>
        fixed === 0 ? 'No stale concurrent counters found' : `Stale counters fixed: ${fixed} organizations`,
    })
  }

  async function forEachActive(
    call: Call,
    step: {
      readonly isDue: (organization: Organization) => boolean
      readonly act: (organization: Organization) => void
      readonly say: (done: number, skipped: number) => string
    },
  ): Promise<QuotaAnswer> {
    const failures: string[] = []
    let done = 0
    let skipped = 0
    for (const organization of organizations.list('ACTIVE')) {
      const slug = organization.profile.org_slug
      await call.pause(step.isDue(organization) ? service.secondsPerOrganization : 0)
      // Another call may have come first during the pause, and the organization may be gone.
      if (organizations.get(slug) !== organization || !step.isDue(organization)) {
        skipped += 1
        continue
      }
      const failure = organizations.takeFailure(slug)
      if (failure !== undefined) {
        failures.push(`${slug}: ${failure}`)
        continue
      }
      step.act(organization)
      call.changed()
      done += 1
    }
    return {
      success: failures.length === 0,
      orgs_processed: done + skipped + failures.length,
      orgs_created: done,
      orgs_skipped: skipped,
      message: [step.say(done, skipped), ...failures.slice(0, 10)].join('; '),
    }
  }
}
