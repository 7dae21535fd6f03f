import type {BigQuery} from '@google-cloud/bigquery'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {bigQueryErrorOf} from '../../lib/bigquery/bigquery-error.ts'
import type {BigQueryChange} from './admin-api/server.ts'
import type {BigQueryEmulator} from './bigquery/server.ts'

const dataset = 'organizations'
const table = 'org_usage_quotas'
/** Days of history in a sandbox that was just bootstrapped: some of them are older than what the clean-up keeps. */
const daysOfHistory = 120

const required = (name: string, type: string) => ({name, type, mode: 'REQUIRED'})
const nullable = (name: string, type: string) => ({name, type, mode: 'NULLABLE'})

/** The quota table's schema, as the contract has it. */
export const quotaTableMetadata = {
  schema: {
    fields: [
      ...['usage_id', 'org_slug'].map(name => required(name, 'STRING')),
      required('usage_date', 'DATE'),
      ...[
        'pipelines_run_today',
        'pipelines_succeeded_today',
        'pipelines_failed_today',
        'pipelines_run_month',
        'concurrent_pipelines_running',
        'daily_limit',
      ].map(name => required(name, 'INT64')),
      ...['monthly_limit', 'concurrent_limit', 'seat_limit', 'providers_limit', 'max_concurrent_reached'].map(name =>
        nullable(name, 'INT64'),
      ),
      nullable('last_pipeline_completed_at', 'TIMESTAMP'),
      required('last_updated', 'TIMESTAMP'),
      required('created_at', 'TIMESTAMP'),
      nullable('updated_at', 'TIMESTAMP'),
    ],
  },
  timePartitioning: {type: 'DAY', field: 'usage_date'},
  clustering: {fields: ['org_slug']},
}

/**
 * Writes to BigQuery what the admin API writes there in the cloud, so that the quota clean-up meets real rows: the
 * table at the bootstrap, with a history, and a record for each organization at the daily reset.
 */
export function createQuotaMirror(
  starting: Promise<BigQueryEmulator>,
  now: () => Date,
): (change: BigQueryChange) => Promise<void> {
  return async ({hasQuotaTable, organizationsWithRecord}) => {
    if (!hasQuotaTable) return
    const emulator = await starting
    const client = createBigQuery({projectId: 'cloudact-local', url: emulator.url})
    if (await createTable(client)) await emulator.execute(historyStatement(now()))
    const today = now().toISOString().slice(0, 10)
    for (const slug of organizationsWithRecord) await emulator.execute(recordStatement(slug, today))
  }
}

/** @returns whether it was not there before. */
async function createTable(client: BigQuery): Promise<boolean> {
  await client.dataset(dataset).create().catch(ignoreDuplicate)
  const created = await client.dataset(dataset).createTable(table, quotaTableMetadata).catch(ignoreDuplicate)
  return created !== undefined
}

function ignoreDuplicate(error: unknown): undefined {
  if (bigQueryErrorOf(error).status !== 409) throw error
}

const columns =
  '(usage_id, org_slug, usage_date, pipelines_run_today, pipelines_succeeded_today, pipelines_failed_today, pipelines_run_month, concurrent_pipelines_running, daily_limit, last_updated, created_at)'

function historyStatement(at: Date): string {
  const day = `DATE '${at.toISOString().slice(0, 10)}' - CAST(n AS INTEGER)`
  return `INSERT INTO ${dataset}.${table} ${columns} SELECT 'history-' || n, 'acme_corp', ${day}, n % 7, n % 7, 0, n, 0, 50, ${day}, ${day} FROM range(1, ${daysOfHistory + 1}) AS days(n)`
}

/** Slugs are of `[a-z0-9_]` only: the stand-in has checked them. */
function recordStatement(slug: string, today: string): string {
  const id = `${slug}-${today}`
  return `INSERT INTO ${dataset}.${table} ${columns} SELECT '${id}', '${slug}', DATE '${today}', 0, 0, 0, 0, 0, 50, DATE '${today}', DATE '${today}' WHERE NOT EXISTS (SELECT 1 FROM ${dataset}.${table} WHERE usage_id = '${id}')`
}
