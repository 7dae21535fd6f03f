import * as z from 'zod'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {longTimeoutSeconds} from '../http/long-timeout.ts'
import {toPrintableLine} from '../log/printable.ts'
import type {CreateOperations} from './operation.ts'

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

/** Bootstrap of the central BigQuery infrastructure. */
export type BootstrapOperations = {
  /**
   * Never from the API's cache of 60 s.
   *
   * @throws UnavailableError where the API itself could not look, which it answers as NOT_BOOTSTRAPPED, too.
   */
  readonly bootstrapStatus: () => Promise<BootstrapStatus>
  /** @throws RejectedError with status 409 if the dataset exists. */
  readonly bootstrap: () => Promise<BootstrapResult>
  readonly bootstrapSync: () => Promise<BootstrapSyncResult>
}

declare module './admin-api.ts' {
  interface AdminApi extends BootstrapOperations {}
}

const createBootstrapOperations = ((call): BootstrapOperations => ({
  bootstrapStatus: async () => {
    const status = await call({
      name: 'bootstrap status',
      method: 'GET',
      path: '/api/v1/admin/bootstrap/status?force_refresh=true',
      timeoutSeconds: 60,
      isIdempotent: true,
      answer: bootstrapStatusSchema,
    })
    if (hidesError(status)) {
      const said = toPrintableLine(status.message)
      throw new UnavailableError(`the admin API could not look at BigQuery for the bootstrap status: ${said}`, {
        mayHaveExecuted: false,
      })
    }
    return status
  },
  bootstrap: () =>
    call({
      name: 'fresh bootstrap',
      method: 'POST',
      path: '/api/v1/admin/bootstrap',
      // Never true: it destroys data. Written out, since the API's defaults are not ours to trust.
      json: {force_recreate_dataset: false, force_recreate_tables: false},
      timeoutSeconds: longTimeoutSeconds,
      isIdempotent: true,
      answer: bootstrapSchema,
    }),
  bootstrapSync: () =>
    call({
      name: 'bootstrap sync',
      method: 'POST',
      path: '/api/v1/admin/bootstrap/sync',
      json: {sync_missing_tables: true, sync_missing_columns: true},
      timeoutSeconds: longTimeoutSeconds,
      isIdempotent: true,
      answer: bootstrapSyncSchema,
    }),
})) satisfies CreateOperations
export default createBootstrapOperations

/**
 * Whether NOT_BOOTSTRAPPED stands for an error. The API answers so whatever went wrong: then it hasn't read its own list
 * of tables, and says that of a dataset that isn't there no table is missing. Its message is the second witness, and the
 * weaker one: an unknown message beside a full list counts as a new project, since a fresh bootstrap destroys nothing.
 */
function hidesError({status, dataset_exists, tables_missing, message}: BootstrapStatus): boolean {
  if (status !== 'NOT_BOOTSTRAPPED' || dataset_exists) return false
  return tables_missing.length === 0 || /\b(?:error|denied|forbidden|exception|timed? ?out|[45]\d\d)\b/i.test(message)
}
