import assert from 'node:assert/strict'
import {defaultRelease} from '../../../../deploy/local/admin-api/state/release.ts'
import {type Api, createApis} from './admin-api-client.ts'

const SYNC = {sync_missing_tables: true, sync_missing_columns: true, recreate_views: false}

describe('organization routes', () => {
  const apis = createApis()
  const {organizationTables, organizationViews} = defaultRelease()
  const tables = Object.keys(organizationTables)
  let api: Api
  beforeEach(async () => {
    api = await apis.start()
  })
  afterEach(() => apis.stopAll())

  const sync = (slug: string, body: object = {}) => api.post(`/api/v1/organizations/${slug}/sync`, {...SYNC, ...body})

  it('lists a page of the active organizations, newest first, in the contract’s form', async () => {
    const answer = await api.get('/api/v1/organizations?status=ACTIVE&page=1&page_size=2')
    assert.deepEqual(answer.body, {
      organizations: [
        {
          org_slug: 'wayne_tech',
          company_name: 'Wayne Technologies',
          admin_email: 'admin@wayne-tech.example',
          subscription_plan: 'SCALE',
          status: 'ACTIVE',
          default_currency: 'USD',
          default_timezone: 'UTC',
          created_at: '2026-10-27T09:30:00.000Z',
        },
        {
          org_slug: 'outback_energy',
          company_name: 'Outback Energy',
          admin_email: 'admin@outback-energy.example',
          subscription_plan: 'PROFESSIONAL',
          status: 'ACTIVE',
          default_currency: 'AUD',
          default_timezone: 'Australia/Sydney',
          created_at: '2026-09-09T09:30:00.000Z',
        },
      ],
      total: 12,
      page: 1,
      page_size: 2,
      has_next: true,
    })
  })

  it('lists other statuses, and all of them without one', async () => {
    const suspended = await api.get('/api/v1/organizations?status=SUSPENDED')
    assert.partialDeepStrictEqual(suspended.body, {organizations: [{org_slug: 'hooli'}], total: 1, has_next: false})
    assert.partialDeepStrictEqual((await api.get('/api/v1/organizations')).body, {total: 14, page: 1, page_size: 50})
  })

  it('creates the dataset of an organization that has none, and finds nothing to do afterwards', async () => {
    assert.deepEqual((await sync('wayne_tech')).body, {
      org_slug: 'wayne_tech',
      status: 'SUCCESS',
      dataset_created: true,
      tables_created: tables,
      columns_added: {},
      views_created: [],
      errors: [],
      message: `Sync completed: ${tables.length} tables and 0 columns created`,
    })
    assert.deepEqual(api.organizations.get('wayne_tech')?.dataset?.tables, organizationTables)
    assert.partialDeepStrictEqual((await sync('wayne_tech')).body, {
      status: 'SUCCESS',
      dataset_created: false,
      tables_created: [],
      message: 'Already in sync: no changes needed',
    })
  })

  it('repairs drift, as far as it is asked to', async () => {
    const {subscription_plans: columns = [], ...others} = organizationTables
    const drifted = {tables: {...others, genai_payg_pricing: ['provider', 'model']}, views: []}
    api.organizations.setDataset('initech', drifted)
    assert.partialDeepStrictEqual((await sync('initech', {sync_missing_tables: false})).body, {
      dataset_created: false,
      tables_created: [],
      columns_added: {genai_payg_pricing: organizationTables['genai_payg_pricing']?.slice(2)},
    })
    assert.partialDeepStrictEqual((await sync('initech', {sync_missing_columns: false})).body, {
      tables_created: ['subscription_plans'],
      columns_added: {},
    })
    assert.deepEqual(api.organizations.get('initech')?.dataset?.tables['subscription_plans'], columns)
  })

  it('recreates views only when asked', async () => {
    assert.partialDeepStrictEqual((await sync('wayne_tech')).body, {views_created: []})
    const asked = await sync('wayne_tech', {recreate_views: true})
    assert.partialDeepStrictEqual(asked.body, {views_created: organizationViews})
  })

  it('answers 404 in its own words for an unknown organization, 400 for one that is not active', async () => {
    const unknown = await sync('nobody')
    assert.equal(unknown.status, 404)
    assert.partialDeepStrictEqual(unknown.body, {
      detail: "Organization 'nobody' not found. Use /organizations/onboard first.",
    })
    for (const slug of ['hooli', 'vandelay_imports']) {
      const inactive = await sync(slug)
      assert.equal(inactive.status, 400)
      assert.partialDeepStrictEqual(inactive.body, {detail: `Organization '${slug}' is not active. Contact support.`})
    }
    assert.equal(api.requestLog.done.length, 0)
  })

  it('answers PARTIAL with 200 while an organization is broken, and leaves the others alone', async () => {
    api.organizations.break('wayne_tech', 'access denied', 1)
    const partial = await sync('wayne_tech')
    assert.equal(partial.status, 200)
    assert.partialDeepStrictEqual(partial.body, {
      status: 'PARTIAL',
      dataset_created: true,
      tables_created: [],
      errors: tables.map(table => `Failed to create ${table}: access denied`),
    })
    assert.partialDeepStrictEqual((await sync('rajput_textiles')).body, {status: 'SUCCESS'})
    assert.partialDeepStrictEqual((await sync('wayne_tech')).body, {status: 'SUCCESS', tables_created: tables})
  })

  it('answers PARTIAL for a broken organization that had nothing to repair', async () => {
    api.organizations.break('acme_inc', 'access denied')
    assert.partialDeepStrictEqual((await sync('acme_inc')).body, {
      status: 'PARTIAL',
      errors: ['Failed to check schema: access denied'],
    })
  })

  it('enters each sync in the books, with its organization and what it changed', async () => {
    await sync('wayne_tech')
    await sync('wayne_tech')
    assert.partialDeepStrictEqual(api.requestLog.done, [
      {operation: 'sync-organization', orgSlug: 'wayne_tech', changes: tables.length + 1, finished: true},
      {operation: 'sync-organization', orgSlug: 'wayne_tech', changes: 0, finished: true},
    ])
  })

  for (const column of ['default_currency', 'default_timezone']) {
    it(`answers 500 to every page that holds an organization whose ${column} is NULL, and to no other`, async () => {
      const broken = await apis.start({organizations: 5})
      broken.organizations.add({org_slug: 'broken_one', created_at: '2020-01-01T00:00:00Z', [column]: null})
      const list = (page: number, size: number) =>
        broken.get(`/api/v1/organizations?status=ACTIVE&page=${page}&page_size=${size}`)
      const refused = await broken.get('/api/v1/organizations?status=ACTIVE', {headers: {'x-request-id': 'r-7'}})
      assert.equal(refused.status, 500)
      assert.deepEqual(refused.body, {
        error: 'Internal server error',
        message: 'An unexpected error occurred. Please try again or contact support.',
        request_id: 'r-7',
      })
      assert.partialDeepStrictEqual((await list(1, 5)).body, {total: 6, has_next: true})
      assert.equal((await list(2, 5)).status, 500)
      assert.equal((await list(6, 1)).status, 500)
      assert.partialDeepStrictEqual((await list(7, 1)).body, {organizations: [], total: 6})
    })
  }

  it('lists an organization without a date last', async () => {
    api.organizations.add({org_slug: 'undated', created_at: null})
    const last = await api.get('/api/v1/organizations?status=ACTIVE&page=13&page_size=1')
    assert.partialDeepStrictEqual(last.body, {organizations: [{org_slug: 'undated', created_at: null}]})
  })

  it('serves 100,000 organizations page by page', async () => {
    const large = await apis.start({organizations: 100_000})
    const first = await large.get('/api/v1/organizations?status=ACTIVE&page=1&page_size=100')
    assert.partialDeepStrictEqual(first.body, {
      organizations: [{org_slug: 'org_100000'}],
      total: 100_000,
      has_next: true,
    })
    const last = await large.get('/api/v1/organizations?status=ACTIVE&page=1000&page_size=100')
    assert.partialDeepStrictEqual(last.body, {organizations: [{org_slug: 'org_000100'}], has_next: false})
  })
})
