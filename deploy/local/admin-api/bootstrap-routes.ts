import * as z from 'zod'
import {Refusal} from './refusal.ts'
import {parseBody, parseQuery, queryBoolean} from './request-input.ts'
import type {Call, CreateRoutes} from './route.ts'
import {type BootstrapStatus, type CentralDataset, troubledStatus} from './state/central-dataset.ts'
import {countOf, differencesOf} from './state/table-set.ts'
import {ownTrouble} from './trouble.ts'

const statusQuery = z.object({force_refresh: queryBoolean().optional()})
const freshBody = z.strictObject({force_recreate_dataset: z.boolean(), force_recreate_tables: z.boolean()})
const syncBody = z.strictObject({sync_missing_tables: z.boolean(), sync_missing_columns: z.boolean()})

/** How long a status is answered again without a look at the dataset. */
const STATUS_CACHE_SECONDS = 60

/** Status, fresh bootstrap and sync of the central dataset. */
const createBootstrapRoutes: CreateRoutes = services => {
  const {dataset, requestRecorder, now} = services
  const expectedTables = services.release.centralTables
  let cached: {readonly status: BootstrapStatus; readonly at: number} | undefined

  return [
    {
      operation: 'bootstrap-status',
      method: 'GET',
      path: '/api/v1/admin/bootstrap/status',
      prepare({request}) {
        const {force_refresh = false} = parseQuery(statusQuery, request)
        return {work: () => statusFor(force_refresh)}
      },
    },
    {
      operation: 'bootstrap',
      method: 'POST',
      path: '/api/v1/admin/bootstrap',
      requestsPerMinute: 2,
      prepare({request}) {
        const body = parseBody(freshBody, request)
        return {work: call => bootstrap(body, call)}
      },
    },
    {
      operation: 'bootstrap-sync',
      method: 'POST',
      path: '/api/v1/admin/bootstrap/sync',
      requestsPerMinute: 5,
      prepare({request}) {
        const body = parseBody(syncBody, request)
        return {work: call => sync(body, call)}
      },
    },
  ]

  /** Neither a bootstrap nor a sync empties the cache: who wants to see their effect has to ask for a fresh status. */
  function statusFor(forceRefresh: boolean): BootstrapStatus {
    const trouble = dataset.takeTrouble()
    if (trouble !== undefined) return troubledStatus(trouble)
    const time = now().getTime()
    if (!forceRefresh && cached !== undefined && time - cached.at <= STATUS_CACHE_SECONDS * 1000) return cached.status
    const status = dataset.status()
    // The service answers NOT_BOOTSTRAPPED before it comes to its cache.
    if (status.status !== 'NOT_BOOTSTRAPPED') cached = {status, at: time}
    return status
  }

  async function bootstrap(body: z.infer<typeof freshBody>, call: Call) {
    const trouble = dataset.takeTrouble()
    if (trouble !== undefined) throw ownTrouble(trouble, 'bootstrap system')
    const isForced = body.force_recreate_dataset || body.force_recreate_tables
    if (dataset.tables() !== undefined && !isForced) {
      throw new Refusal(409, 'System already bootstrapped. Use force_recreate_dataset=true to recreate (DANGEROUS).')
    }
    const hadDataset = dataset.tables() !== undefined
    if (isForced) destroy(body.force_recreate_dataset ? 'dataset' : 'tables', call)
    dataset.create()
    const {tablesCreated, errors} = dataset.repair({missingTables: true, missingColumns: false})
    call.changed(tablesCreated.length + 1)
    await services.bigQuery.bootstrapped(dataset.tables() ?? {})

    const validationErrors = [...errors, ...schemaErrors(expectedTables, dataset)]
    return {
      status: errors.length > 0 ? 'FAILED' : 'SUCCESS',
      dataset_created: !hadDataset || body.force_recreate_dataset,
      tables_created: tablesCreated,
      tables_existed: [],
      total_tables: Object.keys(expectedTables).length,
      message:
        errors.length > 0
          ? `Bootstrap failed: ${errors.length} tables could not be created`
          : `Bootstrap completed: ${tablesCreated.length} tables created`,
      schema_validation: {
        valid: validationErrors.length === 0,
        errors: validationErrors,
        warnings: dataset.warnings(),
        tables_validated: tablesCreated.length,
        validation_timestamp: now().toISOString(),
      },
    }
  }

  /** Profiles and quotas live in the central dataset's tables, and are gone with them. */
  function destroy(what: 'dataset' | 'tables', call: Call): void {
    services.organizations.clear()
    requestRecorder.destroyed({at: now().toISOString(), what, requestId: call.requestId})
  }

  async function sync(body: z.infer<typeof syncBody>, call: Call) {
    const trouble = dataset.takeTrouble()
    if (trouble !== undefined) throw ownTrouble(trouble, 'bootstrap sync')
    // The service creates a dataset that is missing, too, and does not mention it.
    if (dataset.tables() === undefined) {
      dataset.create()
      call.changed()
    }
    const repair = dataset.repair({missingTables: body.sync_missing_tables, missingColumns: body.sync_missing_columns})
    const columns = countOf(repair.columnsAdded)
    call.changed(repair.tablesCreated.length + columns)
    await services.bigQuery.bootstrapped(dataset.tables() ?? {})
    return {
      status: repair.errors.length > 0 ? 'PARTIAL' : 'SUCCESS',
      tables_created: repair.tablesCreated,
      columns_added: repair.columnsAdded,
      errors: repair.errors,
      message:
        repair.errors.length > 0
          ? `Sync completed with errors: ${repair.tablesCreated.length} tables created, ${repair.errors.length} errors`
          : repair.tablesCreated.length + columns > 0
            ? `Sync completed: ${repair.tablesCreated.length} tables created, ${columns} columns added`
            : 'Already in sync: no changes needed',
    }
  }
}
export default createBootstrapRoutes

function schemaErrors(expected: Readonly<Record<string, readonly string[]>>, dataset: CentralDataset): string[] {
  return Object.entries(differencesOf(dataset.tables() ?? {}, expected)).flatMap(([table, {missing_columns}]) =>
    missing_columns.map(
      column => `Table ${table} lacks column ${column}: ${dataset.obstacle(table, column) ?? 'unknown'}`,
    ),
  )
}
