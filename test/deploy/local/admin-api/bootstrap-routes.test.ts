import assert from 'node:assert/strict'
import {defaultRelease} from '../../../../deploy/local/admin-api/state/release.ts'
import {type Api, createApis} from './admin-api-client.ts'

const STATUS = '/api/v1/admin/bootstrap/status'
const FRESH = {force_recreate_dataset: false, force_recreate_tables: false}
const SYNC = {sync_missing_tables: true, sync_missing_columns: true}

describe('bootstrap routes', () => {
  const apis = createApis()
  const expected = Object.keys(defaultRelease().centralTables)
  let time = Date.parse('2026-11-23T10:00:00Z')
  let api: Api
  beforeEach(async () => {
    api = await apis.start({now: () => new Date(time), rateLimits: false})
  })
  afterEach(() => apis.stopAll())

  const fresh = (body: object = {}) => api.post('/api/v1/admin/bootstrap', {...FRESH, ...body})
  const sync = (body: object = {}) => api.post('/api/v1/admin/bootstrap/sync', {...SYNC, ...body})
  const status = async () => (await api.get(`${STATUS}?force_refresh=true`)).body

  it('is not bootstrapped at first', async () => {
    assert.deepEqual(await status(), {
      status: 'NOT_BOOTSTRAPPED',
      dataset_exists: false,
      tables_expected: expected.length,
      tables_existing: [],
      tables_missing: expected,
      tables_extra: [],
      schema_diffs: {},
      message: 'Organizations dataset does not exist. Run bootstrap first.',
    })
  })

  it('expects the 30 tables of release 4.4.5', () => {
    assert.equal(expected.length, 30)
    assert.ok(expected.includes('org_meta_pipeline_batch_runs'))
  })

  it('answers 200 NOT_BOOTSTRAPPED with the error inside when BigQuery refuses the service', async () => {
    await fresh()
    api.dataset.refuse({category: 'auth', message: '403 Access Denied: Dataset organizations'})
    const answer = await api.get(`${STATUS}?force_refresh=true`)
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.body, {
      status: 'NOT_BOOTSTRAPPED',
      dataset_exists: false,
      tables_expected: 0,
      tables_existing: [],
      tables_missing: [],
      tables_extra: [],
      schema_diffs: {},
      message: 'Error checking bootstrap status: 403 Access Denied: Dataset organizations',
    })
    assert.partialDeepStrictEqual(await status(), {status: 'SYNCED'}, 'the next one finds it again')
  })

  for (const [category, code] of [
    ['auth', 401],
    ['validation', 400],
    ['not_found', 404],
    ['conflict', 409],
    ['rate_limit', 429],
    ['integration', 502],
    ['database', 500],
    ['internal', 500],
  ] as const) {
    it(`answers ${code} with an object for its own trouble of category ${category}, and changes nothing`, async () => {
      for (const [path, body] of [
        ['/api/v1/admin/bootstrap', FRESH],
        ['/api/v1/admin/bootstrap/sync', SYNC],
      ] as const) {
        api.dataset.refuse({category, message: 'not shown'})
        const answer = await api.post(path, body, {headers: {'x-request-id': 'r-4'}})
        assert.equal(answer.status, code)
        const text = JSON.stringify(answer.body)
        assert.match(
          text,
          /"detail":\{"error":"\w+","message":"Failed to complete [^"]+","error_id":"ERR-[0-9A-F]{12}"/,
        )
        assert.match(text, /"support_message":.*"request_id":"r-4"\}$/)
        assert.doesNotMatch(text, /not shown/)
      }
      assert.equal(api.dataset.tables(), undefined)
    })
  }

  it('creates the tables that the status then lists', async () => {
    const answer = await fresh()
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.body, {
      status: 'SUCCESS',
      dataset_created: true,
      tables_created: expected,
      tables_existed: [],
      total_tables: expected.length,
      message: `Bootstrap completed: ${expected.length} tables created`,
      schema_validation: {
        valid: true,
        errors: [],
        warnings: [],
        tables_validated: expected.length,
        validation_timestamp: new Date(time).toISOString(),
      },
    })
    assert.partialDeepStrictEqual(await status(), {
      status: 'SYNCED',
      dataset_exists: true,
      tables_existing: expected,
      tables_missing: [],
    })
    assert.deepEqual(api.dataset.tables(), defaultRelease().centralTables)
  })

  it('refuses a second fresh bootstrap with 409 and changes nothing', async () => {
    await fresh()
    api.dataset.dropTable('org_hierarchy')
    const second = await fresh()
    assert.equal(second.status, 409)
    assert.partialDeepStrictEqual(await status(), {tables_missing: ['org_hierarchy']})
  })

  it('lets one of two bootstraps at the same moment win', async () => {
    const answers = await Promise.all([fresh(), fresh()])
    assert.deepEqual(answers.map(answer => answer.status).sort(), [200, 409])
  })

  it('reports drift, and repairs exactly that', async () => {
    await fresh()
    api.dataset.dropTable('org_hierarchy')
    api.dataset.dropTable('org_audit_logs')
    api.dataset.dropColumn('org_usage_quotas', 'seat_limit')
    api.dataset.addTable('somebodys_backup', ['id'])
    assert.partialDeepStrictEqual(await status(), {
      status: 'OUT_OF_SYNC',
      tables_missing: ['org_audit_logs', 'org_hierarchy'],
      tables_extra: ['somebodys_backup'],
      schema_diffs: {org_usage_quotas: {missing_columns: ['seat_limit'], extra_columns: []}},
    })

    assert.deepEqual((await sync()).body, {
      status: 'SUCCESS',
      tables_created: ['org_audit_logs', 'org_hierarchy'],
      columns_added: {org_usage_quotas: ['seat_limit']},
      errors: [],
      message: 'Sync completed: 2 tables created, 1 columns added',
    })
    assert.partialDeepStrictEqual(await status(), {status: 'OUT_OF_SYNC', tables_extra: ['somebodys_backup']})
    assert.partialDeepStrictEqual((await sync()).body, {tables_created: [], columns_added: {}})
  })

  it('repairs only what it is asked to', async () => {
    await fresh()
    api.dataset.dropTable('org_hierarchy')
    api.dataset.dropColumn('org_usage_quotas', 'seat_limit')
    const columnsOnly = await sync({sync_missing_tables: false})
    assert.partialDeepStrictEqual(columnsOnly.body, {
      tables_created: [],
      columns_added: {org_usage_quotas: ['seat_limit']},
    })
    api.dataset.dropColumn('org_usage_quotas', 'seat_limit')
    const tablesOnly = await sync({sync_missing_columns: false})
    assert.partialDeepStrictEqual(tablesOnly.body, {tables_created: ['org_hierarchy'], columns_added: {}})
  })

  it('stays out of sync where a column is too much, since a sync drops nothing', async () => {
    await fresh()
    api.dataset.addColumn('org_hierarchy', 'colour')
    assert.partialDeepStrictEqual((await sync()).body, {status: 'SUCCESS'})
    assert.partialDeepStrictEqual(await status(), {
      status: 'OUT_OF_SYNC',
      schema_diffs: {org_hierarchy: {missing_columns: [], extra_columns: ['colour']}},
    })
  })

  it('creates the dataset by a sync too', async () => {
    assert.partialDeepStrictEqual((await sync()).body, {status: 'SUCCESS', tables_created: expected})
    assert.partialDeepStrictEqual(await status(), {status: 'SYNCED'})
  })

  it('answers FAILED with 200 when a table can not be created, and PARTIAL until it can', async () => {
    api.dataset.breakTable('org_hierarchy', 'quota exceeded')
    const answer = await fresh()
    const error = 'Failed to create org_hierarchy: quota exceeded'
    assert.equal(answer.status, 200)
    assert.partialDeepStrictEqual(answer.body, {status: 'FAILED', schema_validation: {valid: false, errors: [error]}})

    const partial = await sync()
    assert.equal(partial.status, 200)
    assert.partialDeepStrictEqual(partial.body, {status: 'PARTIAL', tables_created: [], errors: [error]})
    assert.partialDeepStrictEqual(await status(), {status: 'OUT_OF_SYNC', tables_missing: ['org_hierarchy']})

    api.dataset.mend()
    assert.partialDeepStrictEqual((await sync()).body, {status: 'SUCCESS', tables_created: ['org_hierarchy']})
  })

  it('answers SUCCESS with an invalid schema when a column can not be made', async () => {
    api.dataset.breakColumn('org_usage_quotas', 'seat_limit', 'unsupported type')
    assert.partialDeepStrictEqual((await fresh()).body, {
      status: 'SUCCESS',
      schema_validation: {valid: false, errors: ['Table org_usage_quotas lacks column seat_limit: unsupported type']},
    })
    assert.partialDeepStrictEqual((await sync()).body, {
      status: 'PARTIAL',
      errors: ['Failed to add column seat_limit to org_usage_quotas: unsupported type'],
    })
  })

  it('reports warnings of a fresh bootstrap', async () => {
    api.dataset.warn('Procedure sync incomplete')
    assert.partialDeepStrictEqual((await fresh()).body, {
      status: 'SUCCESS',
      schema_validation: {valid: true, warnings: ['Procedure sync incomplete']},
    })
  })

  it('answers a status again for 60 s, unless a fresh one is asked for', async () => {
    await fresh()
    await api.get(STATUS)
    api.dataset.dropTable('org_hierarchy')
    time += 60_000
    assert.partialDeepStrictEqual((await api.get(STATUS)).body, {status: 'SYNCED'})
    assert.partialDeepStrictEqual(await status(), {status: 'OUT_OF_SYNC'})
    await sync()
    assert.partialDeepStrictEqual((await api.get(STATUS)).body, {status: 'OUT_OF_SYNC'}, 'a sync empties no cache')
    time += 60_001
    assert.partialDeepStrictEqual((await api.get(STATUS)).body, {status: 'SYNCED'})
  })

  for (const [field, what] of [
    ['force_recreate_dataset', 'dataset'],
    ['force_recreate_tables', 'tables'],
  ] as const) {
    it(`really destroys with ${field}, and keeps count of it`, async () => {
      await fresh()
      api.dataset.addTable('somebodys_backup', ['id'])
      assert.equal(api.organizations.count(), 14)
      assert.deepEqual(api.requestLog.destructions, [])

      const answer = await api.post(
        '/api/v1/admin/bootstrap',
        {...FRESH, [field]: true},
        {headers: {'x-request-id': 'r-9'}},
      )
      assert.partialDeepStrictEqual(answer.body, {status: 'SUCCESS', tables_created: expected})
      assert.equal(api.dataset.tables()?.['somebodys_backup'], undefined)
      assert.equal(api.organizations.count(), 0)
      assert.deepEqual(api.requestLog.destructions, [{at: new Date(time).toISOString(), what, requestId: 'r-9'}])
    })
  }
})
