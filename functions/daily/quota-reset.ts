import * as z from 'zod'
import {defineJob} from '../../lib/job/job.ts'
import {failed, succeeded} from '../../lib/job/outcome.ts'

/*
 * Opens the day for quotas: the API creates today's record (UTC) for each active organization that has none. It only
 * ever creates what is missing, so running it twice, or beside itself, does no harm.
 */
export default defineJob({
  summary: "Creates today's quota record for every active organization.",
  context: 'OpenClaw maintaining quota system health',
  schedule: '0 0 * * *',
  missed: 'today',
  shortcuts: ['quota-reset', 'quota-reset-daily', 'quota-daily'],
  idempotent: true,
  args: z.strictObject({}),
  secrets: ['CA_ROOT_API_KEY'],
  async run({api, slot, now, log}) {
    const today = toDay(now())
    const {success, message, orgs_processed, orgs_created, orgs_skipped} = await api.resetDailyQuotas()
    log.info(`the API's answer: ${message}`)
    const counts = {orgsProcessed: orgs_processed, recordsCreated: orgs_created, orgsSkipped: orgs_skipped}
    if (!success) return failed(`the API could not reset the daily quotas: ${message}`, counts)
    // A run that came late, or is replayed, makes up for nothing: the API knows no other day than its own.
    const isOtherDay = slot !== undefined && toDay(slot) !== today
    const warnings = isOtherDay ? [`the run is that of ${toDay(slot)}, but the records are those of ${today}`] : []
    const summary = `${orgs_created} quota records created for ${today}, ${orgs_skipped} of ${orgs_processed} organizations needed none`
    return succeeded(summary, counts, {warnings})
  },
})

/** In UTC: `2026-11-23`. */
function toDay(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}
