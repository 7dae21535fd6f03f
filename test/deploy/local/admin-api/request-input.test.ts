import assert from 'node:assert/strict'
import {type Api, createApis} from './admin-api-client.ts'

const FRESH = '/api/v1/admin/bootstrap'
const ALERTS = '/api/v1/admin/alerts/process-all'
const alerts = {alert_types: ['cost_threshold'], send_notifications: false, dry_run: true}

describe('parseBody and parseQuery', () => {
  const apis = createApis()
  let api: Api
  beforeEach(async () => {
    api = await apis.start()
  })
  afterEach(async () => {
    assert.equal(api.requestLog.done.length, 0, 'nothing that was refused is carried out')
    await apis.stopAll()
  })

  it('answers 422 for a missing body', async () => {
    await refuses(await api.post(FRESH), [{type: 'missing', loc: ['body'], msg: 'Field required'}])
  })

  it('answers 422 for a body that is not JSON', async () => {
    const answer = await api.ask('POST', FRESH, {text: '{"force_recreate_dataset": '})
    await refuses(answer, [{type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error'}])
  })

  it('answers 422 for JSON that is sent as something else', async () => {
    const headers = {'content-type': 'application/xml'}
    const json = {force_recreate_dataset: false, force_recreate_tables: false}
    await refuses(await api.post(FRESH, json, {headers}), [
      {
        type: 'model_attributes_type',
        loc: ['body'],
        msg: 'Input should be a valid dictionary or object to extract fields from',
      },
    ])
  })

  it('names each missing field, each extra one and each of the wrong type', async () => {
    await refuses(await api.post(FRESH, {force_recreate_dataset: 'false', forceRecreateTables: false, force: 1}), [
      {type: 'bool_type', loc: ['body', 'force_recreate_dataset'], msg: 'Input should be a valid boolean'},
      {type: 'missing', loc: ['body', 'force_recreate_tables'], msg: 'Field required'},
      {type: 'extra_forbidden', loc: ['body', 'forceRecreateTables'], msg: 'Extra inputs are not permitted'},
      {type: 'extra_forbidden', loc: ['body', 'force'], msg: 'Extra inputs are not permitted'},
    ])
  })

  it('refuses wrong bodies of every other operation that has one', async () => {
    for (const path of ['/api/v1/admin/bootstrap/sync', '/api/v1/organizations/acme_inc/sync', ALERTS]) {
      for (const json of [undefined, null, [], 'text', {}, {sync_missing_tables: true}, {...alerts, extra: 1}]) {
        const answer = await api.post(path, json)
        assert.equal(answer.status, 422, `${path} ${JSON.stringify(json)}`)
      }
    }
  })

  it('names an alert type that the service does not know, by its place', async () => {
    const answer = await api.post(ALERTS, {...alerts, alert_types: ['cost_threshold', 'budget']})
    assert.equal(answer.status, 422)
    assert.partialDeepStrictEqual(answer.body, {
      detail: [{type: 'literal_error', loc: ['body', 'alert_types', 1]}],
    })
  })

  for (const [slug, type] of [
    ['Acme', 'string_pattern_mismatch'],
    ['acme-inc', 'string_pattern_mismatch'],
    ['ab', 'string_too_short'],
    ['a'.repeat(51), 'string_too_long'],
  ]) {
    it(`refuses the organization ${slug} in a body`, async () => {
      const inBody = await api.post(ALERTS, {...alerts, org_slug: slug})
      assert.equal(inBody.status, 422)
      assert.partialDeepStrictEqual(inBody.body, {detail: [{type, loc: ['body', 'org_slug']}]})
    })
  }

  for (const [query, name, type] of [
    ['page_size=101', 'page_size', 'less_than_equal'],
    ['page_size=0', 'page_size', 'greater_than_equal'],
    ['page=0', 'page', 'greater_than_equal'],
    ['page=one', 'page', 'int_parsing'],
    ['page=1.5', 'page', 'int_parsing'],
    ['status=active', 'status', 'literal_error'],
  ]) {
    it(`refuses the list with ${query}`, async () => {
      const answer = await api.get(`/api/v1/organizations?${query}`)
      assert.equal(answer.status, 422)
      assert.partialDeepStrictEqual(answer.body, {detail: [{type, loc: ['query', name]}]})
    })
  }

  it('refuses a force_refresh that is no truth value', async () => {
    await refuses(await api.get('/api/v1/admin/bootstrap/status?force_refresh=maybe'), [
      {
        type: 'bool_parsing',
        loc: ['query', 'force_refresh'],
        msg: 'Input should be a valid boolean, unable to interpret input',
      },
    ])
  })

  async function refuses(answer: {status: number; body: unknown}, detail: unknown[]) {
    assert.equal(answer.status, 422)
    assert.deepEqual(answer.body, {detail})
  }
})
