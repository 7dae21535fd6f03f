import * as z from 'zod'
import {findActive} from './active-organizations.ts'
import {parseBody} from './request-input.ts'
import type {Call, CreateRoutes} from './route.ts'
import {alertTypeSchema, type Organization, orgSlugSchema} from './state/organization.ts'

const processBody = z.strictObject({
  org_slug: orgSlugSchema.optional(),
  alert_types: z.array(alertTypeSchema),
  send_notifications: z.boolean(),
  dry_run: z.boolean(),
})

/** At most this many organizations' errors are in the answer. */
const errorsShown = 10

/**
 * The evaluation of alerts. Nothing remembers what was sent: each call sends again, which is why the alerts job isn't
 * idempotent. A delivery that fails is in no number of the answer but `notifications_sent`.
 */
const createAlertRoutes: CreateRoutes = services => {
  const {organizations, requestRecorder} = services
  return [
    {
      operation: 'process-alerts',
      method: 'POST',
      path: '/api/v1/admin/alerts/process-all',
      prepare({request}) {
        const body = parseBody(processBody, request)
        return {...(body.org_slug === undefined ? {} : {orgSlug: body.org_slug}), work: call => processAll(body, call)}
      },
    },
  ]

  async function processAll(body: z.infer<typeof processBody>, call: Call) {
    const sends = body.send_notifications && !body.dry_run
    const orgErrors: {org_slug: string; error: string}[] = []
    let processed = 0
    let triggered = 0
    let sent = 0
    for (const organization of findActive(organizations, body.org_slug)) {
      const orgSlug = organization.profile.org_slug
      await call.pause(services.secondsFor(orgSlug))
      const error = organizations.takeFailure(orgSlug)
      if (error !== undefined) {
        orgErrors.push({org_slug: orgSlug, error})
        continue
      }
      processed += 1
      const types = triggeredTypes(organization).filter(type => body.alert_types.includes(type))
      triggered += types.length
      if (!sends || types.length === 0) continue
      const at = services.now().toISOString()
      // The rule remembers that it was evaluated as triggered, whether or not anything was delivered.
      const before = organizations.get(orgSlug)?.state.triggerCountToday ?? 0
      organizations.setState(orgSlug, {triggerCountToday: before + types.length, lastTriggeredAt: at})
      call.changed(types.length)
      if (organization.state.undeliverable === true) continue
      sent += types.length
      for (const alertType of types) requestRecorder.notified({at, orgSlug, alertType, requestId: call.requestId})
    }
    return {
      success: true,
      orgs_processed: processed,
      alerts_triggered: triggered,
      notifications_sent: sent,
      errors: orgErrors.length,
      org_errors: orgErrors.slice(0, errorsShown),
      message: `Alerts processed: ${processed} orgs, ${triggered} alerts triggered, ${sent} notifications sent in 0.01s`,
    }
  }
}
export default createAlertRoutes

/** Rules live in the organization's own dataset; both `anomaly_…` types are accepted and never evaluated. */
function triggeredTypes({dataset, state}: Readonly<Organization>) {
  if (dataset === undefined) return []
  return (state.alertConditions ?? []).filter(type => !type.startsWith('anomaly_'))
}
