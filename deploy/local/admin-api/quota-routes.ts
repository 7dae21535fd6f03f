import {Refusal} from './refusal.ts'
import type {Call, CreateRoutes, Route} from './route.ts'

/** The contract's answer of all three. */
type QuotaAnswer = {
  readonly success: boolean
  readonly orgs_processed: number
  readonly orgs_created: number
  readonly orgs_skipped: number
  readonly message: string
}

/**
 * Daily and monthly reset and the clean-up of stuck counters. The service looks once, at the beginning, at who has a
 * record of today: a call that begins while another goes on creates the same records once more.
 */
const createQuotaRoutes: CreateRoutes = services => {
  const {organizations, requestRecorder, bigQuery} = services
  return [route('reset-daily', resetDaily), route('reset-monthly', resetMonthly), route('cleanup-stale', cleanUpStale)]

  function route(operation: string, work: (call: Call) => Promise<QuotaAnswer>): Route {
    const folder = services.quotaRoutes === 'documented' ? '/api/v1/admin/quota' : '/api/v1/quota'
    // A body is neither asked for nor looked at.
    return {operation, method: 'POST', path: `${folder}/${operation}`, prepare: () => ({work})}
  }

  async function resetDaily(call: Call): Promise<QuotaAnswer> {
    const day = today()
    const yesterday = toDay(new Date(Date.parse(day) - 86_400_000))
    const active = organizations.list('ACTIVE').map(({profile, state}) => ({slug: profile.org_slug, ...state}))
    if (active.length === 0) return answer({processed: 0, message: 'No active organizations found'})
    let created = 0
    for (const {slug, quotaDate, pipelinesRunMonth = 0} of active) {
      if (quotaDate === day) continue
      await call.pause(services.secondsFor(slug))
      const failure = organizations.takeFailure(slug)
      // The first that fails ends the call; what was created before stays.
      if (failure !== undefined) throw new Refusal(500, `Daily quota reset failed: ${slug}: ${failure}`)
      // Only a record of yesterday is carried over: after a day without one the month starts again.
      const carriedOver = quotaDate === yesterday ? pipelinesRunMonth : 0
      if (organizations.get(slug) !== undefined) {
        organizations.setState(slug, {quotaDate: day, pipelinesRunMonth: carriedOver})
      }
      const at = services.now().toISOString()
      requestRecorder.recordCreated({at, orgSlug: slug, day, requestId: call.requestId})
      await bigQuery.quotaRecordCreated({orgSlug: slug, day, pipelinesRunMonth: carriedOver})
      call.changed()
      created += 1
    }
    const skipped = active.length - created
    return answer({processed: active.length, created, skipped, message: 'Daily quota reset complete in 0.01s'})
  }

  async function resetMonthly(call: Call): Promise<QuotaAnswer> {
    const day = today()
    if (!day.endsWith('-01')) {
      const message = `Skipped: Not the 1st of the month (day=${Number(day.slice(8))})`
      return answer({processed: 0, message})
    }
    // One statement over all records of today, also those of organizations that are no longer active.
    const withRecord = organizations.list().filter(({state}) => state.quotaDate === day)
    for (const {profile} of withRecord) organizations.setState(profile.org_slug, {pipelinesRunMonth: 0})
    if (withRecord.length > 0) call.changed(withRecord.length)
    await bigQuery.monthReset(day)
    const processed = withRecord.length
    return answer({processed, message: `Monthly quota reset complete: ${processed} orgs reset in 0.01s`})
  }

  async function cleanUpStale(call: Call): Promise<QuotaAnswer> {
    let fixed = 0
    for (const {profile, state} of organizations.list('ACTIVE')) {
      if ((state.stuckCounters ?? 0) === 0) continue
      await call.pause(services.secondsFor(profile.org_slug))
      if (organizations.get(profile.org_slug) === undefined) continue
      organizations.setState(profile.org_slug, {stuckCounters: 0})
      call.changed()
      fixed += 1
    }
    const message = fixed === 0 ? 'No stale concurrent counters found (0.01s)' : `Stale cleanup complete: ${fixed} orgs`
    return answer({processed: fixed, created: fixed, message})
  }

  function answer(given: {processed: number; created?: number; skipped?: number; message: string}): QuotaAnswer {
    const {processed, created = 0, skipped = 0, message} = given
    return {success: true, orgs_processed: processed, orgs_created: created, orgs_skipped: skipped, message}
  }

  function today(): string {
    return toDay(services.now())
  }
}
export default createQuotaRoutes

/** In UTC: `2026-11-23`. */
function toDay(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}
