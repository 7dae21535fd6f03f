import * as z from 'zod'
import type {BootstrapResult, BootstrapStatus, BootstrapSyncResult} from '../../lib/admin-api/bootstrap-operations.ts'
import {ContractError} from '../../lib/errors/contract-error.ts'
import {RejectedError} from '../../lib/errors/rejected-error.ts'
import {defineJob} from '../../lib/job/job.ts'
import type {JobContext} from '../../lib/job/job-context.ts'
import {failed, type Outcome, succeeded} from '../../lib/job/outcome.ts'
import {plural} from '../../lib/log/plural.ts'

/*
 * Brings CloudAct's BigQuery infrastructure to what the deployed API expects, after each API deploy: creates it where
 * there is none, adds what is missing where there is. Idempotent: it only ever adds, nothing is recreated.
 */
const args = z
  .strictObject({
    forceFresh: z.boolean().default(false).describe('bootstrap from nothing, without asking for the status first'),
    forceSync: z.boolean().default(false).describe('sync even if the API says that everything is in sync'),
  })
  .refine(({forceFresh, forceSync}) => !(forceFresh && forceSync), 'forceFresh and forceSync exclude each other')

type Context = JobContext<z.output<typeof args>>

export default defineJob({
  summary: 'Creates or syncs the BigQuery infrastructure that the API expects.',
  context: 'OpenClaw initializing CloudAct BigQuery infrastructure',
  shortcuts: ['bootstrap-sync', 'bootstrap-smart'],
  idempotent: true,
  args,
  secrets: ['CA_ROOT_API_KEY'],
  async run(context) {
    const {api, args, log} = context
    if (args.forceFresh) return bootstrapFresh(context)
    const status = await api.bootstrapStatus()
    log.info(`bootstrap status is ${status.status}: ${status.message}`, missingFrom(status))
    if (status.status === 'NOT_BOOTSTRAPPED' && !status.dataset_exists) return bootstrapFresh(context)
    if (status.status === 'SYNCED' && !status.dataset_exists) {
      throw new ContractError('bootstrap status says SYNCED and, beside it, that there is no dataset')
    }
    if (status.status === 'SYNCED' && !args.forceSync) {
      return succeeded(`already in sync: ${plural(status.tables_existing.length, 'table')}`, {
        tablesExisting: status.tables_existing.length,
      })
    }
    if (status.status === 'OUT_OF_SYNC' && !args.forceSync && isMissingNothing(status)) return toExtraOutcome(status)
    return toSyncOutcome(await api.bootstrapSync())
  },
})

/** Extra tables and columns alone make the API say OUT_OF_SYNC, too; a sync drops nothing, and would change nothing. */
function isMissingNothing({tables_missing, schema_diffs}: BootstrapStatus): boolean {
  return tables_missing.length === 0 && Object.values(schema_diffs).every(diff => diff.missing_columns.length === 0)
}

function toExtraOutcome({tables_existing, tables_extra, schema_diffs}: BootstrapStatus): Outcome {
  const columns = Object.entries(schema_diffs).flatMap(([table, {extra_columns}]) =>
    extra_columns.map(column => `${table}.${column}`),
  )
  const counts = {
    tablesExisting: tables_existing.length,
    tablesExtra: tables_extra.length,
    columnsExtra: columns.length,
  }
  const extra = [
    ...(tables_extra.length > 0 ? [`tables ${tables_extra.join(', ')}`] : []),
    ...(columns.length > 0 ? [`columns ${columns.join(', ')}`] : []),
  ].join(' and ')
  const summary = `nothing is missing: the API says OUT_OF_SYNC only because of what it doesn't know, which no sync removes: ${extra}`
  return succeeded(summary, counts)
}

/** A dataset that appeared meanwhile (409) is no failure: what it lacks is what the sync adds. */
async function bootstrapFresh({api, log}: Context): Promise<Outcome> {
  try {
    return toFreshOutcome(await api.bootstrap())
  } catch (error) {
    if (!(error instanceof RejectedError && error.status === 409)) throw error
    log.info('the dataset exists already: syncing instead')
    return toSyncOutcome(await api.bootstrapSync())
  }
}

function toFreshOutcome(result: BootstrapResult): Outcome {
  const {valid, errors, warnings} = result.schema_validation
  const counts = {
    tablesCreated: result.tables_created.length,
    tablesExisted: result.tables_existed.length,
    tablesTotal: result.total_tables,
  }
  if (result.status === 'FAILED') return failed(`fresh bootstrap failed: ${result.message}`, counts, {errors, warnings})
  if (!valid) {
    const summary = `fresh bootstrap left a schema that is not valid: ${result.message}`
    return failed(summary, counts, {errors, warnings})
  }
  return succeeded(`fresh bootstrap: ${plural(result.tables_created.length, 'table')} created`, counts, {warnings})
}

function toSyncOutcome(result: BootstrapSyncResult): Outcome {
  const columnsAdded = Object.values(result.columns_added).flat().length
  const counts = {tablesCreated: result.tables_created.length, columnsAdded}
  // PARTIAL comes with HTTP 200, and so might errors beside a SUCCESS.
  if (result.status === 'PARTIAL' || result.errors.length > 0) {
    return failed(`sync is incomplete: ${result.message}`, counts, {errors: result.errors})
  }
  return succeeded(
    `synced: ${plural(counts.tablesCreated, 'table')} created, ${plural(columnsAdded, 'column')} added`,
    counts,
  )
}

function missingFrom(status: BootstrapStatus): Record<string, number> {
  return {
    tablesExpected: status.tables_expected,
    tablesExisting: status.tables_existing.length,
    tablesMissing: status.tables_missing.length,
    tablesWithMissingColumns: Object.values(status.schema_diffs).filter(diff => diff.missing_columns.length > 0).length,
  }
}
