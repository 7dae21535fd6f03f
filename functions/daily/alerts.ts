import * as z from 'zod'
import {type AlertsResult, alertTypes} from '../../lib/admin-api/alert-operations.ts'
import {orgSlugPattern} from '../../lib/admin-api/organization-operations.ts'
import {defineJob} from '../../lib/job/job.ts'
import {degraded, failed, succeeded} from '../../lib/job/outcome.ts'
import {plural} from '../../lib/log/plural.ts'
import {publishCommand} from '../../lib/run/publish-command.ts'

/*
 * Has the API evaluate the cost alerts of all active organizations and send a notification for each that is triggered.
 * Not idempotent: the API doesn't remember what it sent, and each call that executes sends everything again. So there is
 * one call a run, and where its outcome is unknown, a person looks. A dry run sends nothing and may be repeated.
 */
const args = z.strictObject({
  orgSlug: z
    .string()
    .regex(orgSlugPattern, 'must be 3 to 50 of a-z, 0-9 and _')
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
  readOnly: args => args.dryRun,
  manualCheck:
    'Check in BigQuery, for each organization: <org>_prod.org_notification_rules. A last_triggered_at of that time means ' +
    'that the rule was triggered and a delivery was tried, not that it arrived; for that, look in the inboxes. ' +
    'organizations.org_notification_history proves nothing: the API never writes it. Only if no rule was triggered, replay ' +
    'with --force; if some were, run alerts with --arg orgSlug=… for each organization without.',
  sandboxCheck:
    'Check what was sent: npm run sandbox -- notifications. It knows those since the sandbox started. Only if nothing was ' +
    'sent at that time, replay with --force; if something was, run alerts with --arg orgSlug=… for each organization without.',
  args,
  secrets: ['CA_ROOT_API_KEY'],
  async run({api, args: {orgSlug, dryRun, alertTypes}, environment, log}) {
    const result = await api.processAlerts({orgSlug, dryRun, alertTypes: [...new Set(alertTypes)]})
    log.info(`the API's answer: ${result.message}`)
    const counts = {
      orgsProcessed: result.orgs_processed,
      alertsTriggered: result.alerts_triggered,
      notificationsSent: result.notifications_sent,
      orgsFailed: Math.max(result.errors, result.org_errors.length),
    }
    const done = `${dryRun ? 'dry run: ' : ''}${plural(counts.alertsTriggered, 'alert')} triggered, ${plural(counts.notificationsSent, 'notification')} sent, ${plural(counts.orgsProcessed, 'organization')} evaluated`
    const undelivered = dryRun ? 0 : Math.max(0, counts.alertsTriggered - counts.notificationsSent)
    const repeat = (slug: string) =>
      publishCommand('alerts', environment.projectId, [`orgSlug=${slug}`, ...(dryRun ? ['dryRun=true'] : [])])
    const errors = [...errorLines(result, repeat), ...(undelivered > 0 ? [undeliveredLine(undelivered)] : [])]
    if (!result.success) {
      const summary = `the API could not process the alerts: ${result.message} (${done})`
      // What is failed can be replayed: never where that would send a second time.
      return counts.notificationsSent > 0 ? degraded(summary, counts, {errors}) : failed(summary, counts, {errors})
    }
    if (counts.orgsFailed === 0 && undelivered === 0) return succeeded(done, counts)
    const bad = [
      ...(counts.orgsFailed > 0 ? [`${plural(counts.orgsFailed, 'organization')} failed`] : []),
      ...(undelivered > 0 ? [`${plural(undelivered, 'alert was', 'alerts were')} not delivered`] : []),
    ]
    return degraded(`${done}, but ${bad.join(' and ')}`, counts, {errors})
  },
})

/** @param repeat the command that evaluates just this organization. */
function errorLines({errors, org_errors}: AlertsResult, repeat: (slug: string) => string): string[] {
  const lines = org_errors.map(
    ({org_slug, error}) => `${org_slug}: ${error}; repeat just this one: ${repeat(org_slug)}`,
  )
  const unlisted = errors - org_errors.length
  if (unlisted > 0) lines.push(`and ${unlisted} more, which the API does not list: check its logs`)
  return lines
}

/** The API doesn't say which: a failed delivery is in no other number of its answer. */
function undeliveredLine(undelivered: number): string {
  return (
    `${undelivered} triggered alerts were not delivered: check that the pipeline service, which sends them, answers, and that ` +
    'the rules that were triggered (last_triggered_at in <org>_prod.org_notification_rules) name active email channels with ' +
    'recipients (<org>_prod.org_notification_channels). Running alerts again sends the delivered ones a second time'
  )
}
