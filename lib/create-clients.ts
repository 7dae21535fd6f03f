import {randomUUID} from 'node:crypto'
import type {BigQuery} from '@google-cloud/bigquery'
import {type AdminApi, createAdminApi} from './admin-api/admin-api.ts'
import {createPipelineBatches} from './bigquery/pipeline-batches.ts'
import {createQuotaTable} from './bigquery/quota-table.ts'
import type {Environment, SecretName} from './environment/environment.ts'
import {ConfigurationError} from './errors/configuration-error.ts'
import type {Clients} from './job/job-context.ts'
import type {Log} from './log/log.ts'
import {createSupabase, type Supabase} from './supabase/supabase.ts'

/** The clients of one attempt: their requests end with its signal, and no retry outlives its deadline. */
export function createClients(
  environment: Environment,
  attempt: {
    readonly log: Log
    readonly signal: AbortSignal
    readonly deadline: Date
    readonly fence: () => void
    readonly onRetry?: (text: string | undefined) => void
    readonly now: () => Date
    readonly bigQuery: BigQuery
    /** W3C trace context of the delivery; the admin API gets it, others don't. */
    readonly traceparent?: string | undefined
  },
): Clients {
  const {secrets, apiServiceUrl, supabaseApiUrl, supabaseProjectRef} = environment
  const {bigQuery, traceparent, ...rest} = attempt
  const common = {...rest, random: Math.random, newRequestId: randomUUID}
  return {
    api:
      secrets.CA_ROOT_API_KEY === undefined || apiServiceUrl === undefined
        ? undeclared<AdminApi>('CA_ROOT_API_KEY')
        : createAdminApi({...common, traceparent, baseUrl: apiServiceUrl, rootKey: secrets.CA_ROOT_API_KEY}),
    quotaTable: createQuotaTable({bigQuery, signal: attempt.signal}),
    pipelineBatches: createPipelineBatches({bigQuery, signal: attempt.signal}),
    supabase:
      secrets.SUPABASE_ACCESS_TOKEN === undefined || supabaseProjectRef === undefined
        ? undeclared<Supabase>('SUPABASE_ACCESS_TOKEN')
        : createSupabase({
            ...common,
            baseUrl: supabaseApiUrl,
            accessToken: secrets.SUPABASE_ACCESS_TOKEN,
            projectRef: supabaseProjectRef,
          }),
  }
}

/** Stands for a client whose secret the job did not declare: the first use says so. */
function undeclared<Client extends object>(secret: SecretName): Client {
  return new Proxy({} as Client, {
    get() {
      throw new ConfigurationError([`the job uses a client that needs ${secret}, but does not declare it in secrets`])
    },
  })
}
