import * as z from 'zod'
import {isLoopback} from '../../lib/environment/environment.ts'
import {outsidePathSchema} from '../../lib/environment/outside-path.ts'
import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import type {Job} from '../../lib/job/job.ts'
import {isPublicHttps} from './api-address.ts'
import type {Fields} from './resources/resource.ts'

/** What the operator's shell says about a deployment. */
export type DeploySettings = {
  readonly channels: readonly string[]
  readonly migrationsFolder: string | undefined
  /** DAYS_TO_KEEP for the quota clean-up, API_SERVICE_URL for those that call the API. */
  readonly variablesOf: (job: Job) => Fields
  /** BigQuery on this machine instead of Google's. */
  readonly bigQueryUrl: string | undefined
}

const schema = z.object({
  ALERT_EMAIL: z.email('is not an e-mail address').optional(),
  ALERT_SLACK: z
    .string()
    .regex(/^#[\w-]{1,80}$/, 'is not a Slack channel: write it as #ops')
    .optional(),
  SUPABASE_MIGRATIONS_DIR: outsidePathSchema.optional(),
  DAYS_TO_KEEP: z
    .string()
    .regex(/^(?:[1-9]\d{0,2}|[12]\d{3}|3[0-5]\d{2}|36[0-4]\d|3650)$/, 'must be a whole number from 1 to 3650')
    .optional(),
  API_SERVICE_URL: z
    .string()
    .refine(isPublicHttps, 'must be an https URL of a public host, without user, query and fragment')
    .transform(url => url.replace(/\/+$/, ''))
    .optional(),
  BIGQUERY_EMULATOR_HOST: z.string().refine(isLoopback, 'may only point to this machine').optional(),
})

/** @throws ConfigurationError with every problem at once, by variable name. */
export function parseDeploySettings(variables: Readonly<Record<string, string | undefined>>): DeploySettings {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const {data, error} = schema.safeParse(given)
  if (data === undefined) {
    throw new ConfigurationError(error.issues.map(({path, message}) => `${String(path[0])} ${message}`))
  }
  const {ALERT_EMAIL, ALERT_SLACK, SUPABASE_MIGRATIONS_DIR, DAYS_TO_KEEP, BIGQUERY_EMULATOR_HOST, API_SERVICE_URL} =
    data
  return {
    channels: [
      ...(ALERT_EMAIL === undefined ? [] : [`email:${ALERT_EMAIL}`]),
      ...(ALERT_SLACK === undefined ? [] : [`slack:${ALERT_SLACK}`]),
    ],
    migrationsFolder: SUPABASE_MIGRATIONS_DIR,
    bigQueryUrl: BIGQUERY_EMULATOR_HOST,
    variablesOf: ({name, secrets}) => ({
      ...(name === 'daily-quota-cleanup' && DAYS_TO_KEEP !== undefined ? {DAYS_TO_KEEP} : {}),
      ...(secrets.includes('CA_ROOT_API_KEY') && API_SERVICE_URL !== undefined ? {API_SERVICE_URL} : {}),
    }),
  }
}
