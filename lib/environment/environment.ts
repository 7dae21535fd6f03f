import * as z from 'zod'
import {ConfigurationError} from '../errors/configuration-error.ts'
import {outsidePathSchema} from './outside-path.ts'

const allSecretNames = ['CA_ROOT_API_KEY', 'SUPABASE_ACCESS_TOKEN'] as const
export type SecretName = (typeof allSecretNames)[number]

/** What the project knows about its Google Cloud projects. */
type Deployment = {
  readonly environment: 'staging' | 'production'
  readonly apiServiceUrl?: string
  readonly supabaseProjectRef?: string
}

const deployments: Readonly<Record<string, Deployment>> = {
  'cloudact-prod': {
    environment: 'production',
    apiServiceUrl: 'https://api.cloudact.ai',
    supabaseProjectRef: 'ovfxswhkkshouhsryzaf',
  },
  'cloudact-testing-1': {
    environment: 'staging',
    apiServiceUrl: 'https://cloudact-api-service-test-2adubqjovq-uc.a.run.app',
    supabaseProjectRef: 'kwroaccbrxppfiysqlzs',
  },
  'cloudact-local': {environment: 'staging', supabaseProjectRef: 'local'},
}

export type Environment = {
  readonly projectId: string
  readonly environment: 'staging' | 'production'
  /** Without a final slash; absent where the job doesn't call the admin API. */
  readonly apiServiceUrl: string | undefined
  readonly supabaseApiUrl: string
  readonly supabaseProjectRef: string | undefined
  /** Where the migrations are; absent: beside the job. */
  readonly migrationsFolder: string | undefined
  /** Days that the quota clean-up keeps, 1 to 3650. */
  readonly daysToKeep: number
  readonly secrets: Readonly<Partial<Record<SecretName, string>>>
  /** Every job's function and names, as `routeUnrouted()` reads them; absent where no unrouted message arrives. */
  readonly jobNames: string | undefined
  /** Overrides a job's own time limit; the sandbox and tests shorten it. */
  readonly jobTimeoutSeconds: number | undefined
  /** How long a claim holds without a sign of life. */
  readonly leaseSeconds: number
  /** JSON lines for Cloud Logging, or lines for a person. */
  readonly logFormat: 'cloud' | 'terminal'
  /** BigQuery and Pub/Sub on this machine; absent in Google Cloud. */
  readonly bigQueryUrl: string | undefined
  readonly pubSubHost: string | undefined
}

const httpsOrLoopback = z.string().refine(isHttpsOrLoopback, 'must be an https URL (http only on loopback)')
// HTTP headers carry them, so nothing but visible ASCII can be right; a stray line break is a copying mistake.
const secret = z.string().regex(/^[\x21-\x7e]+$/, 'is empty or has white space or characters that no header carries')

const schema = z.object({
  GCP_PROJECT_ID: z.string().regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'is no Google Cloud project id'),
  ENVIRONMENT: z.enum(['staging', 'production']),
  CA_ROOT_API_KEY: secret.optional(),
  SUPABASE_ACCESS_TOKEN: secret.optional(),
  API_SERVICE_URL: httpsOrLoopback.optional(),
  SUPABASE_API_URL: httpsOrLoopback.default('https://api.supabase.com'),
  SUPABASE_MIGRATIONS_DIR: outsidePathSchema.optional(),
  DAYS_TO_KEEP: wholeNumber(1, 3650).default(90),
  JOB_NAMES: z
    .string()
    .regex(/^[a-z][a-z0-9-]*(?:;? [a-z][a-z0-9-]*)*$/, 'must be names of jobs, as npm run deploy sets them')
    .optional(),
  JOB_TIMEOUT_SECONDS: wholeNumber(1, 540).optional(),
  LEASE_SECONDS: wholeNumber(1, 600).default(120),
  LOG_FORMAT: z.enum(['cloud', 'terminal']).default('cloud'),
  BIGQUERY_EMULATOR_HOST: z.string().refine(isLoopback, 'may only point to this machine').optional(),
  PUBSUB_EMULATOR_HOST: z.string().refine(isLoopback, 'may only point to this machine').optional(),
})

/**
 * Parses a function's environment variables.
 *
 * @param secretNames the secrets that the job declares: these are required, the others are not even read.
 * @throws ConfigurationError with every problem at once, by variable name and never by value.
 */
export function parseEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  secretNames: readonly SecretName[],
): Environment {
  const isRead = (name: string) => !isSecretName(name) || secretNames.includes(name)
  // An empty variable is one that somebody meant to leave out.
  const given = Object.fromEntries(
    Object.entries(variables).filter(([name, value]) => isRead(name) && value !== undefined && value !== ''),
  )
  const result = schema.safeParse(given)
  const problems = (result.error?.issues ?? []).map(({path, message}) => {
    const name = String(path[0])
    return given[name] === undefined ? `${name} is missing` : `${name}: ${message}`
  })
  for (const name of secretNames) {
    if (given[name] === undefined) problems.push(`${name} is missing: the job needs this secret`)
  }
  const projectId = given['GCP_PROJECT_ID'] ?? ''
  const deployment = Object.hasOwn(deployments, projectId) ? deployments[projectId] : undefined
  const named = schema.shape.ENVIRONMENT.safeParse(given['ENVIRONMENT'])
  if (deployment !== undefined && named.success && named.data !== deployment.environment) {
    problems.push(`ENVIRONMENT contradicts GCP_PROJECT_ID, which is that of ${deployment.environment}`)
  }
  const needsApi = secretNames.includes('CA_ROOT_API_KEY')
  const apiServiceUrl = given['API_SERVICE_URL'] ?? deployment?.apiServiceUrl
  if (needsApi && projectId !== '' && apiServiceUrl === undefined) {
    problems.push('API_SERVICE_URL is missing: GCP_PROJECT_ID names no project with an admin API of its own')
  }
  if (!result.success || problems.length > 0) throw new ConfigurationError(problems)

  const {data} = result
  return {
    projectId,
    environment: data.ENVIRONMENT,
    apiServiceUrl: needsApi ? apiServiceUrl?.replace(/\/+$/, '') : undefined,
    supabaseApiUrl: data.SUPABASE_API_URL.replace(/\/+$/, ''),
    supabaseProjectRef: deployment?.supabaseProjectRef,
    migrationsFolder: data.SUPABASE_MIGRATIONS_DIR,
    daysToKeep: data.DAYS_TO_KEEP,
    secrets: Object.fromEntries(secretNames.map(name => [name, data[name]])),
    jobNames: data.JOB_NAMES,
    jobTimeoutSeconds: data.JOB_TIMEOUT_SECONDS,
    leaseSeconds: data.LEASE_SECONDS,
    logFormat: data.LOG_FORMAT,
    bigQueryUrl: data.BIGQUERY_EMULATOR_HOST,
    pubSubHost: data.PUBSUB_EMULATOR_HOST,
  }
}

/** Where a project's admin API is, unless API_SERVICE_URL says otherwise. */
export function apiServiceUrlOf(projectId: string): string | undefined {
  return Object.hasOwn(deployments, projectId) ? deployments[projectId]?.apiServiceUrl : undefined
}

function isSecretName(name: string): name is SecretName {
  return allSecretNames.some(known => known === name)
}

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,6}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine(value => value >= least && value <= most, `must be a whole number from ${least} to ${most}`)
}

/** Whether an address is one of this machine: `127.0.0.1:8085`, `http://localhost:1`. */
export function isLoopback(address: string): boolean {
  const url = URL.parse(address.includes('://') ? address : `http://${address}`)
  return url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
}

/** Whether a URL is safe to send something to: https, or http on this machine; without a password in it. */
export function isHttpsOrLoopback(address: string): boolean {
  const url = URL.parse(address)
  if (url === null || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(address))
}
