import * as z from 'zod'
import {alertTypeSchema, type Organization, orgSlugSchema} from './organization.ts'
import type {OrganizationRegistry} from './organization-registry.ts'
import {Refusal} from './refusal.ts'
import {parseBody} from './request-input.ts'
import type {RequestRecorder} from './request-log.ts'
import type {Call, Route} from './route.ts'

const processBody = z.strictObject({
  org_slug: orgSlugSchema.optional(),
  alert_types: z.array(alertTypeSchema),
  send_notifications: z.boolean(),
  dry_run: z.boolean(),
})

/** So many organizations' errors are in the answer, however many there were. */
const ERRORS_SHOWN = 10

/**
 * The evaluation of alerts. Nothing remembers what was sent: each call sends again, which is what makes the alerts job
 * one that may not be repeated.
 */
export function createAlertRoutes(service: {
  readonly organizations: OrganizationRegistry
  readonly requestRecorder: RequestRecorder
  readonly secondsPerOrganization: number
  readonly now: () => Date
}): Route[] {
  const {organizations, requestRecorder, now} = service
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
    for (const organization of chosen(body.org_slug)) {
      await call.pause(service.secondsPerOrganization)
      const orgSlug = organization.profile.org_slug
      const error = organizations.takeFailure(orgSlug)
      if (error !== undefined) {
        orgErrors.push({org_slug: orgSlug, error})
        continue
      }
      processed += 1
      for (const alertType of organization.state.alertConditions ?? []) {
        if (!body.alert_types.includes(alertType)) continue
        triggered += 1
        if (!sends) continue
        sent += 1
        requestRecorder.notified({at: now().toISOString(), orgSlug, alertType, requestId: call.requestId})
      }
    }
    return {
      success: true,
      orgs_processed: processed,
      alerts_triggered: triggered,
      notifications_sent: sent,
      errors: orgErrors.length,
      org_errors: orgErrors.slice(0, ERRORS_SHOWN),
      message: `Alerts processed: ${processed} orgs, ${triggered} alerts triggered, ${sent} notifications sent`,
    }
  }

  function chosen(orgSlug: string | undefined): readonly Readonly<Organization>[] {
    if (orgSlug === undefined) return organizations.list('ACTIVE')
    const organization = organizations.get(orgSlug)
    if (organization?.profile.status !== 'ACTIVE') {
      throw new Refusal(404, `Organization '${orgSlug}' not found or not active.`)
    }
    return [organization]
  }
}
