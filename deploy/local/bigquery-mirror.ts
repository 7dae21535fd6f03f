import type {BigQuery} from '@google-cloud/bigquery'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {bigQueryErrorOf} from '../../lib/bigquery/bigquery-error.ts'
import type {BigQueryTables, PipelineBatch, QuotaRecord} from './admin-api/state/bigquery-tables.ts'
import type {BigQueryEmulator} from './bigquery/server.ts'
import {centralTables} from './central-tables.ts'

const dataset = 'organizations'
/** Days of history in a sandbox that was just bootstrapped: some of them are older than what the clean-up keeps. */
const daysOfHistory = 120

/**
 * Writes to the sandbox's BigQuery what the admin API writes there in the cloud, so that the jobs which read there meet
 * real rows: the tables at the bootstrap (quotas with a history), a quota record as each is created, and a row for each
 * run over the pipelines. Before the bootstrap there is nothing to write to, and nothing is written.
 */
export function createBigQueryMirror(starting: Promise<BigQueryEmulator>, now: () => Date): BigQueryTables {
  return {
    async bootstrapped(tables) {
      const emulator = await starting
      const client = createBigQuery({projectId: 'cloudact-local', url: emulator.url})
      await client.dataset(dataset).create().catch(ignoreDuplicate)
      for (const [name, metadata] of Object.entries(centralTables)) {
        if (tables[name] === undefined) continue
        const isNew = await createTable(client, name, metadata)
        if (isNew && name === 'org_usage_quotas') await emulator.execute(historyStatement(now()))
      }
    },
    quotaRecordCreated: record => execute(recordStatement(record, now())),
    monthReset: day =>
      execute(
        `UPDATE ${dataset}.org_usage_quotas SET pipelines_run_month = 0, updated_at = ${timestamp(now())} WHERE usage_date = DATE '${day}'`,
      ),
    batchEnded: batch => execute(batchStatement(batch)),
  }

  async function execute(statement: string): Promise<void> {
    const emulator = await starting
    const created = await emulator.execute(`SELECT 1 FROM duckdb_schemas() WHERE schema_name = '${dataset}'`)
    if (created.length > 0) await emulator.execute(statement)
  }
}

/** @returns whether it was not there before. */
async function createTable(client: BigQuery, name: string, metadata: object): Promise<boolean> {
  const created = await client.dataset(dataset).createTable(name, metadata).catch(ignoreDuplicate)
  return created !== undefined
}

function ignoreDuplicate(error: unknown): undefined {
  if (bigQueryErrorOf(error).status !== 409) throw error
}

const columns =
  '(usage_id, org_slug, usage_date, pipelines_run_today, pipelines_succeeded_today, pipelines_failed_today, pipelines_run_month, concurrent_pipelines_running, daily_limit, last_updated, created_at)'

function historyStatement(at: Date): string {
  const day = `DATE '${at.toISOString().slice(0, 10)}' - CAST(n AS INTEGER)`
  return `INSERT INTO ${dataset}.org_usage_quotas ${columns} SELECT 'history-' || n, 'acme_corp', ${day}, n % 7, n % 7, 0, n, 0, 50, ${day}, ${day} FROM range(1, ${daysOfHistory + 1}) AS days(n)`
}

/** Slugs are of `[a-z0-9_]` only: the emulator has checked them. */
function recordStatement({orgSlug, day, pipelinesRunMonth}: QuotaRecord, at: Date): string {
  const id = `${orgSlug}_${day.replaceAll('-', '')}`
  return `INSERT INTO ${dataset}.org_usage_quotas ${columns} VALUES (${text(id)}, ${text(orgSlug)}, DATE '${day}', 0, 0, 0, ${pipelinesRunMonth}, 0, 50, ${timestamp(at)}, ${timestamp(at)})`
}

function batchStatement(batch: PipelineBatch): string {
  const at = timestamp(batch.triggeredAt)
  const values = {
    batch_run_id: text(batch.batchRunId),
    org_slug: text(batch.orgSlug),
    trigger_type: text(batch.orgSlug === 'ALL' ? 'SCHEDULED' : 'MANUAL'),
    status: text(batch.pipelinesFailed === 0 ? 'COMPLETED' : 'PARTIAL'),
    run_date: `DATE '${batch.runDate}'`,
    dry_run: String(batch.dryRun),
    orgs_processed: batch.orgsProcessed,
    orgs_skipped: batch.orgsSkipped,
    pipelines_triggered: batch.pipelinesTriggered,
    pipelines_failed: batch.pipelinesFailed,
    pipelines_skipped_quota: batch.pipelinesSkippedQuota,
    total_integrations: batch.totalIntegrations,
    results: text(JSON.stringify(batch.results)),
    errors: text(JSON.stringify(batch.errors)),
    elapsed_seconds: batch.elapsedSeconds,
    // All three are the end of the call.
    triggered_at: at,
    completed_at: at,
    created_at: at,
  }
  const names = Object.keys(values).join(', ')
  return `INSERT INTO ${dataset}.org_meta_pipeline_batch_runs (${names}) VALUES (${Object.values(values).join(', ')})`
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function timestamp(at: Date): string {
  return `TIMESTAMPTZ '${at.toISOString()}'`
}
