import * as z from 'zod'
import {defineJob} from '../../lib/job/job.ts'
import {continued, skipped, succeeded} from '../../lib/job/outcome.ts'
import {plural} from '../../lib/log/plural.ts'
import {ensureTodaysRecords} from '../../lib/quota-reset/todays-records.ts'
import {publishCommand} from '../../lib/run/publish-command.ts'

/*
 * Opens the day for quotas: the API creates today's record (UTC) for each active organization that has none. Idempotent:
 * it only ever creates what is missing, and no call is made while an earlier one may still go on inside the API.
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
  continues: true,
  reads: ['organizations.org_usage_quotas'],
  async run(context) {
    const {slot, now, part, environment} = context
    const today = toDay(now())
    if (slot !== undefined && toDay(slot) !== today) {
      const command = publishCommand('quota-reset', environment.projectId)
      return skipped(
        `this is the run of ${toDay(slot)}, but the API creates only the records of its own day, ${today}; for those: ${command}`,
      )
    }
    const records = await ensureTodaysRecords(context)
    if (!records.isComplete) {
      const {active, withRecord, created} = records
      const counts = {orgsActive: active, orgsWithRecord: withRecord, recordsCreated: created}
      return continued(
        `${withRecord} of ${plural(active, 'organization')} have a record; part ${part + 1} goes on`,
        {},
        counts,
      )
    }
    const {active, created} = records
    const summary = `${plural(created, 'quota record')} created for ${today}, ${active - created} of ${plural(active, 'organization')} had one`
    return succeeded(summary, {orgsProcessed: active, recordsCreated: created, orgsSkipped: active - created})
  },
})

/** In UTC: `2026-11-23`. */
function toDay(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}
