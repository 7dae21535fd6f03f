import * as z from 'zod'
import {tableSetSchema} from './table-set.ts'

/** The statuses that the emulator knows; only ACTIVE ones are worked on. */
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
  /** NULL, here or in the next column, makes every page of the list that holds the organization a 500. */
  default_currency: z.string().nullable(),
  default_timezone: z.string().nullable(),
  created_at: z.string().nullable(),
})
export type Profile = z.infer<typeof profileSchema>

/** An organization's own dataset. A value: many organizations share one. */
export const organizationDatasetSchema = z.strictObject({tables: tableSetSchema, views: z.array(z.string()).readonly()})
export type OrganizationDataset = z.infer<typeof organizationDatasetSchema>

/** Providers that have a cost pipeline; an integration of any other is passed over. Source: the service's admin router. */
export const pipelineProviders = {
  GCP_SA: {category: 'cloud', path: 'cloud/gcp/cost/billing'},
  AWS_ROLE: {category: 'cloud', path: 'cloud/aws/cost/billing'},
  AZURE_APP: {category: 'cloud', path: 'cloud/azure/cost/billing'},
  OCI_USER: {category: 'cloud', path: 'cloud/oci/cost/billing'},
  OPENAI: {category: 'genai', path: 'genai/payg/openai'},
  CLAUDE: {category: 'genai', path: 'genai/payg/anthropic'},
  GEMINI: {category: 'genai', path: 'genai/payg/gemini'},
  DEEPSEEK: {category: 'genai', path: 'genai/payg/deepseek'},
} as const

/** An active, valid integration, and what its pipeline answers when it is triggered. */
export const integrationSchema = z.strictObject({
  provider: z.string(),
  /** `failed`: the pipeline service refuses. `error`: it can't be reached. Default: `triggered`. */
  outcome: z.enum(['triggered', 'failed', 'error', 'quota_exceeded']).optional(),
})

/** What the jobs work on, beside the profile. */
export const organizationStateSchema = z.strictObject({
  /** The day (UTC) of its newest daily quota record: `2026-11-23`. */
  quotaDate: z.string().optional(),
  /** Pipelines that the newest quota record counts for its month; absent: 0. */
  pipelinesRunMonth: z.number().optional(),
  /** Concurrent counters that no running pipeline stands behind any more. */
  stuckCounters: z.number().optional(),
  /** The alert rules whose condition holds today. */
  alertConditions: z.array(alertTypeSchema).readonly().optional(),
  /** Its alerts are triggered, and nothing is delivered: no recipients, or the notification service is down. */
  undeliverable: z.boolean().optional(),
  /** `org_notification_rules.trigger_count_today`, over all its rules: counts deliveries that failed, too. */
  triggerCountToday: z.number().optional(),
  /** `org_notification_rules.last_triggered_at`. */
  lastTriggeredAt: z.string().optional(),
  integrations: z.array(integrationSchema).readonly().optional(),
  /** A run over all pipelines ends here with a 500, after it has triggered those of the organizations before. */
  endsPipelineRun: z.boolean().optional(),
})
export type OrganizationState = z.infer<typeof organizationStateSchema>

export type Organization = {
  profile: Profile
  /** Undefined until a sync creates it. */
  dataset: OrganizationDataset | undefined
  state: OrganizationState
}
