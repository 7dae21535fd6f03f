import * as z from 'zod'
import {tableSetSchema} from './table-set.ts'

/** The statuses that the stand-in knows; only ACTIVE ones are worked on. */
export const organizationStatusSchema = z.enum(['ACTIVE', 'SUSPENDED', 'CANCELLED'])
export type OrganizationStatus = z.infer<typeof organizationStatusSchema>

/** The contract's form of an organization's name in paths and bodies. */
export const orgSlugSchema = z
  .string()
  .min(3)
  .max(50)
  .regex(/^[a-z0-9_]+$/)

export const alertTypeSchema = z.enum([
  'cost_threshold',
  'absolute_threshold',
  'budget_percent',
  'budget_forecast',
  'hierarchy_budget',
  'anomaly_percent_change',
  'anomaly_std_deviation',
])

/** One organization as the list shows it, in wire form. */
export const profileSchema = z.strictObject({
  org_slug: orgSlugSchema,
  company_name: z.string(),
  admin_email: z.string(),
  subscription_plan: z.string(),
  status: organizationStatusSchema,
  default_currency: z.string(),
  default_timezone: z.string(),
  created_at: z.string(),
})
export type Profile = z.infer<typeof profileSchema>

/** An organization's own dataset. A value: many organizations share one. */
export const organizationDatasetSchema = z.strictObject({tables: tableSetSchema, views: z.array(z.string()).readonly()})
export type OrganizationDataset = z.infer<typeof organizationDatasetSchema>

/** What the jobs work on, beside the profile. */
export const organizationStateSchema = z.strictObject({
  /** The day (UTC) of its newest daily quota record: `2026-11-23`. */
  quotaDate: z.string().optional(),
  /** The month (UTC) for which its monthly counters were reset: `2026-11`. */
  quotaMonth: z.string().optional(),
  /** Concurrent counters that no running pipeline stands behind any more. */
  stuckCounters: z.number().optional(),
  /** The alerts whose condition holds today. */
  alertConditions: z.array(alertTypeSchema).readonly().optional(),
})
export type OrganizationState = z.infer<typeof organizationStateSchema>

export type Organization = {
  profile: Profile
  /** Undefined until a sync creates it. */
  dataset: OrganizationDataset | undefined
  state: OrganizationState
}
