import * as z from 'zod'
import {toApiError} from './api-refusal.ts'
import {createHttpService, type HttpServiceOptions} from './http-service.ts'

const tables = z.array(z.string())
const columnsByTable = z.record(z.string(), z.array(z.string()))

const bootstrapStatusSchema = z.object({
  status: z.enum(['SYNCED', 'OUT_OF_SYNC', 'NOT_BOOTSTRAPPED']),
  dataset_exists: z.boolean(),
  tables_expected: z.number(),
  tables_existing: tables,
  tables_missing: tables,
  tables_extra: tables,
  schema_diffs: z.record(z.string(), z.object({missing_columns: tables, extra_columns: tables})),
  message: z.string(),
})
export type BootstrapStatus = z.infer<typeof bootstrapStatusSchema>

const bootstrapSchema = z.object({
  status: z.enum(['SUCCESS', 'FAILED']),
  dataset_created: z.boolean(),
  tables_created: tables,
  tables_existed: tables,
  total_tables: z.number(),
  message: z.string(),
  schema_validation: z.object({valid: z.boolean(), errors: z.array(z.string()), warnings: z.array(z.string())}),
})
export type BootstrapResult = z.infer<typeof bootstrapSchema>

const bootstrapSyncSchema = z.object({
  status: z.enum(['SUCCESS', 'PARTIAL']),
  tables_created: tables,
  columns_added: columnsByTable,
  errors: z.array(z.string()),
  message: z.string(),
})
export type BootstrapSyncResult = z.infer<typeof bootstrapSyncSchema>

/**
 * CloudAct's admin API, the part that jobs call. Every method throws UnavailableError (may pass), RefusedError (the API
 * said no), ContractError (an answer that the contract doesn't know) or InterruptedError (the job's signal fired).
 */
export type AdminApi = {
  /** Never from the API's cache of 60 s. */
  readonly bootstrapStatus: () => Promise<BootstrapStatus>
  /** @throws RefusedError with status 409 if the dataset exists. */
  readonly bootstrap: () => Promise<BootstrapResult>
  readonly bootstrapSync: () => Promise<BootstrapSyncResult>
}

/** Cloud Run closes a request after 300 s; waiting longer is waiting for nobody. */
const longTimeoutSeconds = 295

/** Spaced so that an outage of a minute or so is sat out within one attempt. */
const backoff = {retries: 6, firstDelaySeconds: 0.5, longestDelaySeconds: 30}

/**
 * A client of the admin API.
 *
 * @param options.rootKey sent with every request, in a header of its own.
 */
export function createAdminApi(
  options: Omit<HttpServiceOptions, 'name' | 'headers' | 'toError' | 'backoff'> & {rootKey: string},
): AdminApi {
  const {rootKey, ...rest} = options
  const call = createHttpService({
    ...rest,
    name: 'the admin API',
    headers: {'x-ca-root-key': rootKey},
    toError: toApiError,
    backoff,
  })
  return {
    bootstrapStatus: () =>
      call({
        name: 'bootstrap status',
        method: 'GET',
        path: '/api/v1/admin/bootstrap/status?force_refresh=true',
        timeoutSeconds: 60,
        isRepeatable: true,
        answer: bootstrapStatusSchema,
      }),
    bootstrap: () =>
      call({
        name: 'fresh bootstrap',
        method: 'POST',
        path: '/api/v1/admin/bootstrap',
        // Never true: it destroys data. Written out, since the API's defaults are not ours to trust.
        json: {force_recreate_dataset: false, force_recreate_tables: false},
        timeoutSeconds: longTimeoutSeconds,
        isRepeatable: true,
        answer: bootstrapSchema,
      }),
    bootstrapSync: () =>
      call({
        name: 'bootstrap sync',
        method: 'POST',
        path: '/api/v1/admin/bootstrap/sync',
        json: {sync_missing_tables: true, sync_missing_columns: true},
        timeoutSeconds: longTimeoutSeconds,
        isRepeatable: true,
        answer: bootstrapSyncSchema,
      }),
  }
}
