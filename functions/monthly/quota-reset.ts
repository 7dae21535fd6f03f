import * as z from 'zod'
import {defineJob} from '../../lib/job/job.ts'
import {degraded, failed, type Outcome, skipped, succeeded} from '../../lib/job/outcome.ts'

/*
 * Opens the month for quotas: the API sets the monthly counters of each active organization back, once a month. It
 * knows which it has done already, so running it twice, or beside itself, does no harm.
 *
 * The API does so on the 1st (UTC) only; on any other day it answers that all is well and does nothing. So this job
 * does not even ask then, and a scheduled run that comes too late (or is replayed later, even on the 1st of another
 * month) fails: nobody may believe that its month was reset.
 */
export default defineJob({
  summary: 'Resets the monthly quota counters of every active organization, on the 1st of the month.',
  context: 'OpenClaw maintaining quota system health',
  schedule: '5 0 1 * *',
  missed: 'today',
  shortcuts: ['quota-monthly', 'quota-reset-monthly'],
  idempotent: true,
  args: z.strictObject({}),
  secrets: ['CA_ROOT_API_KEY'],
  async run({api, slot, now, log}) {
    const today = toDay(now())
    if (slot !== undefined && toDay(slot) !== today) return notReset(toMonth(slot), today)
    if (!today.endsWith('-01')) return skipped(`today is ${today}: the API resets only on the 1st (UTC), nothing done`)

    const {success, message, orgs_processed, orgs_created, orgs_skipped} = await api.resetMonthlyQuotas()
    log.info(`the API's answer: ${message}`)
    const counts = {orgsProcessed: orgs_processed, orgsReset: orgs_created, orgsSkipped: orgs_skipped}
    if (!success) return failed(`the API could not reset the monthly quotas: ${message}`, counts)
    if (orgs_processed === 0) {
      const day = toDay(now())
      if (day !== today) return notReset(toMonth(slot ?? new Date(today)), day)
      return degraded(`the API looked at no organization, so none is active or its clock differs: ${message}`, counts)
    }
    const summary = `${orgs_created} organizations reset for ${today.slice(0, 7)}, ${orgs_skipped} of ${orgs_processed} needed no reset`
    return succeeded(summary, counts)
  },
})

function notReset(month: string, today: string): Outcome {
  return failed(
    `the monthly quotas of ${month} were not reset by this run: today is ${today}, and the API resets only on the 1st (UTC) ` +
      `for the month that begins. No replay mends it: look whether an earlier run did it, else have pipelines_run_month in ` +
      `organizations.org_usage_quotas set to 0 by hand`,
  )
}

/** In UTC: `2026-11-23`. */
function toDay(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}

/** In UTC: `2026-11`. */
function toMonth(moment: Date): string {
  return moment.toISOString().slice(0, 7)
}
