import assert from 'node:assert/strict'
import {startAdminApi} from '../../../deploy/local/admin-api/server.ts'
import {startBigQuery} from '../../../deploy/local/bigquery/server.ts'
import {createBigQueryMirror} from '../../../deploy/local/bigquery-mirror.ts'

const rootKey = 'root-key-of-the-tests'

describe('createBigQueryMirror', () => {
  let stops: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
  })

  async function start(time: string) {
    const now = () => new Date(time)
    const bigQuery = await startBigQuery({projectId: 'cloudact-local', now})
    const tables = createBigQueryMirror(Promise.resolve(bigQuery), now)
    const api = await startAdminApi({rootKey, now, secondsPerOrganization: 0, bigQuery: tables})
    stops = [api.stop, bigQuery.stop]
    const post = (path: string, json: object = {}) =>
      fetch(`${api.url}/api/v1/${path}`, {
        method: 'POST',
        headers: {'x-ca-root-key': rootKey, 'content-type': 'application/json'},
        body: JSON.stringify(json),
      })
    return {api, bigQuery, post}
  }
  const fresh = {force_recreate_dataset: false, force_recreate_tables: false}

  it('holds what the API writes: quota records, their reset, and a row for each run over the pipelines', async () => {
    const {api, bigQuery, post} = await start('2026-12-01T00:05:00Z')
    await post('admin/bootstrap', fresh)
    api.organizations.setState('acme_inc', {quotaDate: '2026-11-30', pipelinesRunMonth: 40})
    await post('quota/reset-daily')
    const month = `SELECT COUNT(*)::INTEGER AS records, SUM(pipelines_run_month)::INTEGER AS month FROM organizations.org_usage_quotas WHERE usage_date = DATE '2026-12-01'`
    assert.deepEqual(await bigQuery.execute(month), [{records: 12, month: 40}])
    await post('quota/reset-monthly')
    assert.deepEqual(await bigQuery.execute(month), [{records: 12, month: 0}])

    await post('admin/pipelines/run-all', {dry_run: false, org_slug: 'acme_inc', date: '2026-11-30'})
    assert.partialDeepStrictEqual(
      await bigQuery.execute(
        'SELECT org_slug, trigger_type, status, run_date::VARCHAR AS run_date, dry_run, pipelines_triggered::INTEGER AS triggered FROM organizations.org_meta_pipeline_batch_runs',
      ),
      [{org_slug: 'acme_inc', trigger_type: 'MANUAL', status: 'COMPLETED', run_date: '2026-11-30', triggered: 3}],
    )
  })

  it('has a history of quotas after the bootstrap, once', async () => {
    const {bigQuery, post} = await start('2026-11-26T00:00:00Z')
    await post('admin/bootstrap', fresh)
    await post('admin/bootstrap/sync', {sync_missing_tables: true, sync_missing_columns: true})
    const [row] = await bigQuery.execute('SELECT COUNT(*)::INTEGER AS records FROM organizations.org_usage_quotas')
    assert.deepEqual(row, {records: 120})
  })

  it('writes nothing where there is no dataset yet', async () => {
    const {bigQuery, post} = await start('2026-11-26T00:00:00Z')
    assert.equal((await post('quota/reset-daily')).status, 200)
    assert.deepEqual(await bigQuery.execute("SELECT 1 FROM duckdb_schemas() WHERE schema_name = 'organizations'"), [])
  })
})
