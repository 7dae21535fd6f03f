import * as z from 'zod'
import {type AlertsResult, alertTypes} from '../../lib/admin-api/alert-operations.ts'
import {defineJob} from '../../lib/job/job.ts'
import {degraded, failed, succeeded} from '../../lib/job/outcome.ts'

/*
 * Has the API evaluate the cost alerts of all active organizations and send a notification for each that is triggered.
 * The API doesn't remember what it sent: carried out twice, everything is sent twice. So there is one call a run, and
 * where its outcome is unknown, a person looks. A dry run sends nothing and may be repeated.
 */
const args = z.strictObject({
  orgSlug: z
    .string()
    .regex(/^[a-z0-9_]{3,50}$/, 'must be 3 to 50 of a-z, 0-9 and _')
    .optional()
    .describe('only the alerts of this organization; all active ones if absent'),
  dryRun: z.boolean().default(false).describe('evaluates the alerts, but sends no notification'),
  alertTypes: z
    .array(z.enum(alertTypes))
    .min(1)
    .default([...alertTypes])
    .describe('only alerts of these types; all seven if absent'),
})

export default defineJob({
  summary: 'Evaluates cost alerts and sends their notifications.',
  context: 'OpenClaw processing cost alerts for all orgs',
  schedule: '0 8 * * *',
  missed: 'today',
  shortcuts: ['alerts', 'alerts-daily'],
  idempotent: args => args.dryRun,
  manualCheck:
    'Look in the channels, or in organizations.org_notification_history, whether notifications went out at that time. ' +
    'Only if none did, replay with --force; if some did, run alerts with --arg orgSlug=… for each organization without.',
  args,
  secrets: ['CA_ROOT_API_KEY'],
  async run({api, args: {orgSlug, dryRun, alertTypes}, log}) {
    const result = await api.processAlerts({orgSlug, dryRun, alertTypes: [...new Set(alertTypes)]})
    log.info(`the API's answer: ${result.message}`)
    const counts = {
      orgsProcessed: result.orgs_processed,
      alertsTriggered: result.alerts_triggered,
      notificationsSent: result.notifications_sent,
      orgsFailed: Math.max(result.errors, result.org_errors.length),
    }
    const done = `${dryRun ? 'dry run: ' : ''}${counts.alertsTriggered} alerts triggered, ${counts.notificationsSent} notifications sent, ${counts.orgsProcessed} organizations evaluated`
    const errors = errorLines(result)
    if (!result.success) {
      const summary = `the API could not process the alerts: ${result.message} (${done})`
      // What is failed can be replayed: never where that would send a second time.
      return counts.notificationsSent > 0 ? degraded(summary, counts, {errors}) : failed(summary, counts, {errors})
    }
    if (counts.orgsFailed > 0) {
      return degraded(`${done}, and ${counts.orgsFailed} organizations failed`, counts, {errors})
    }
    return succeeded(done, counts)
  },
})

function errorLines({errors, org_errors}: AlertsResult): string[] {
  const lines = org_errors.map(({org_slug, error}) => `${org_slug}: ${error}`)
  const unlisted = errors - org_errors.length
  if (unlisted > 0) lines.push(`and ${unlisted} more, which the API does not list: look in its logs`)
  return lines
}
