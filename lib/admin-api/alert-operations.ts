import * as z from 'zod'
import {longTimeoutSeconds} from '../http/long-timeout.ts'
import type {CreateOperations} from './operation.ts'

/** Every type of alert that the API accepts; it never evaluates the two `anomaly_…`. */
export const alertTypes = [
  'cost_threshold',
  'absolute_threshold',
  'budget_percent',
  'budget_forecast',
  'hierarchy_budget',
  'anomaly_percent_change',
  'anomaly_std_deviation',
] as const
type AlertType = (typeof alertTypes)[number]

const alertsSchema = z.object({
  success: z.boolean(),
  orgs_processed: z.number(),
  alerts_triggered: z.number(),
  notifications_sent: z.number(),
  errors: z.number(),
  /** The first ten, however many there were. */
  org_errors: z.array(z.object({org_slug: z.string(), error: z.string()})),
  message: z.string(),
})
export type AlertsResult = z.infer<typeof alertsSchema>

type AlertsRequest = {
  /** Absent: every active organization. */
  readonly orgSlug?: string | undefined
  readonly alertTypes: readonly AlertType[]
  /** Evaluates and sends nothing. */
  readonly dryRun: boolean
}

type AlertOperations = {
  /**
   * Evaluates alerts and, unless it is a dry run, sends their notifications. The API doesn't remember what it sent: each
   * call that executes sends again, so one is repeated only where it is proven that the one before didn't execute. A
   * delivery that failed shows only in `notifications_sent` being smaller than `alerts_triggered`.
   */
  readonly processAlerts: (request: AlertsRequest) => Promise<AlertsResult>
}

declare module './admin-api.ts' {
  interface AdminApi extends AlertOperations {}
}

const createAlertOperations = ((call): AlertOperations => ({
  processAlerts: ({orgSlug, alertTypes, dryRun}) =>
    call({
      name: dryRun ? 'dry run of alerts' : 'alerts',
      method: 'POST',
      path: '/api/v1/admin/alerts/process-all',
      json: {
        ...(orgSlug === undefined ? {} : {org_slug: orgSlug}),
        alert_types: alertTypes,
        // Said twice, so that a dry run sends nothing even where one of the two is passed over.
        send_notifications: !dryRun,
        dry_run: dryRun,
      },
      timeoutSeconds: longTimeoutSeconds,
      isIdempotent: dryRun,
      answer: alertsSchema,
    }),
})) satisfies CreateOperations
export default createAlertOperations
