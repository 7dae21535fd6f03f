import assert from 'node:assert/strict'
import {
  type BigQueryTables,
  noTables,
  type PipelineBatch,
} from '../../../../deploy/local/admin-api/state/bigquery-tables.ts'
import {type Api, createApis, until} from './admin-api-client.ts'

const RUN = '/api/v1/admin/pipelines/run-all'

describe('pipeline routes', () => {
  const apis = createApis()
  let api: Api
  let batches: PipelineBatch[]
  let bigQuery: BigQueryTables
  beforeEach(async () => {
    batches = []
    bigQuery = {...noTables, batchEnded: async batch => void batches.push(batch)}
    api = await apis.start({now: () => new Date('2026-11-26T06:00:00Z'), bigQuery})
  })
  afterEach(() => apis.stopAll())

  const run = (body: object = {}) => api.post(RUN, {dry_run: false, ...body}, {headers: {'x-request-id': 'r-1'}})

  it('triggers a pipeline for each integration of each active organization, for yesterday where no date is given', async () => {
    const answer = await run()
    assert.partialDeepStrictEqual(answer.body, {
      success: true,
      orgs_processed: 5,
      orgs_skipped: 7,
      pipelines_triggered: 8,
      pipelines_failed: 0,
      pipelines_skipped_quota: 0,
      total_integrations: 8,
      errors: [],
      results: [
        {
          org_slug: 'acme_inc',
          provider: 'GCP_SA',
          pipeline_path: 'cloud/gcp/cost/billing',
          date: '2026-11-25',
          status: 'triggered',
        },
      ],
    })
    assert.equal(api.requestLog.pipelines.length, 8)
    await run()
    assert.equal(api.requestLog.pipelines.length, 16, 'and again with each call')
  })

  it('leaves one row when the call ends, dated with its end', async () => {
    await run({org_slug: 'acme_inc', date: '2026-11-20'})
    assert.equal(batches.length, 1)
    assert.partialDeepStrictEqual(batches, [
      {
        orgSlug: 'acme_inc',
        runDate: '2026-11-20',
        dryRun: false,
        pipelinesTriggered: 3,
        triggeredAt: new Date('2026-11-26T06:00:00Z'),
      },
    ])
    await run()
    assert.equal(batches[1]?.orgSlug, 'ALL')
  })

  it('filters by category and provider; an integration without a pipeline is passed over', async () => {
    api.organizations.setState('acme_inc', {
      integrations: [{provider: 'GCP_SA'}, {provider: 'OPENAI'}, {provider: 'FAX'}],
    })
    const count = async (body: object) => (await run({org_slug: 'acme_inc', ...body})).body as object
    assert.partialDeepStrictEqual(await count({}), {total_integrations: 2})
    assert.partialDeepStrictEqual(await count({categories: ['genai']}), {total_integrations: 1})
    assert.partialDeepStrictEqual(await count({providers: ['GCP_SA', 'FAX']}), {total_integrations: 1})
    assert.partialDeepStrictEqual(await count({providers: ['CLAUDE']}), {total_integrations: 0, orgs_skipped: 1})
  })

  it('answers 200 with success, however many fail', async () => {
    api.organizations.setState('acme_inc', {
      integrations: [
        {provider: 'GCP_SA', outcome: 'failed'},
        {provider: 'AWS_ROLE', outcome: 'error'},
        {provider: 'OPENAI', outcome: 'quota_exceeded'},
      ],
    })
    api.organizations.break('globex_2025', 'No active API key found')
    const answer = await run()
    assert.equal(answer.status, 200)
    assert.partialDeepStrictEqual(answer.body, {
      success: true,
      pipelines_failed: 2,
      pipelines_skipped_quota: 1,
      results: [
        {status: 'failed', http_status: 500, detail: 'Pipeline could not start'},
        {status: 'error', detail: 'All connection attempts failed'},
        {status: 'quota_exceeded'},
      ],
      errors: [{org_slug: 'globex_2025', error: 'No active API key found'}],
    })
  })

  it('triggers nothing in a dry run, and leaves a row all the same', async () => {
    assert.partialDeepStrictEqual((await run({dry_run: true})).body, {
      pipelines_triggered: 8,
      results: [{status: 'dry_run'}],
    })
    assert.deepEqual(api.requestLog.pipelines, [])
    assert.partialDeepStrictEqual(batches, [{dryRun: true}])
  })

  it('shows 100 results and 20 errors, however many there are', async () => {
    const crowd = await apis.start({organizations: 130, bigQuery})
    for (let number = 1; number <= 130; number++) {
      crowd.organizations.setState(`org_${String(number).padStart(6, '0')}`, {integrations: [{provider: 'OPENAI'}]})
      if (number <= 25) crowd.organizations.break(`org_${String(number).padStart(6, '0')}`, 'no key')
    }
    const {body} = await crowd.post(RUN, {dry_run: false})
    assert.partialDeepStrictEqual(body, {pipelines_triggered: 105, orgs_skipped: 25})
    assert.deepEqual([batches[0]?.results.length, batches[0]?.errors.length], [100, 20])
  })

  it('can end with 500 after it has triggered some, without a row', async () => {
    api.organizations.setState('globex_2025', {endsPipelineRun: true})
    const answer = await run()
    assert.equal(answer.status, 500)
    assert.deepEqual(answer.body, {detail: 'Pipeline run-all failed: globex_2025', request_id: 'r-1'})
    assert.equal(api.requestLog.pipelines.length, 3)
    assert.deepEqual(batches, [])
    assert.partialDeepStrictEqual(api.requestLog.done, [{operation: 'run-pipelines', finished: false, changes: 3}])
  })

  it('goes on after its request was closed, and leaves its row then', async () => {
    const slow = await apis.start({secondsPerOrganization: 0.02, closesAfterSeconds: 0.05, bigQuery})
    assert.equal((await slow.post(RUN, {dry_run: false})).status, 504)
    assert.deepEqual(batches, [])
    await until(() => batches.length === 1)
    assert.partialDeepStrictEqual(batches, [{pipelinesTriggered: 8}])
  })

  for (const slug of ['nobody', 'hooli']) {
    it(`answers 404 in its own words for ${slug}`, async () => {
      const answer = await run({org_slug: slug})
      assert.equal(answer.status, 404)
      assert.deepEqual(answer.body, {detail: `Organization '${slug}' not found or not active`, request_id: 'r-1'})
    })
  }

  for (const body of [{dry_run: 'perhaps'}, {date: '25.11.2026'}, {categories: ['saas']}, {force: true}]) {
    it(`refuses ${JSON.stringify(body)} with 422`, async () => {
      assert.equal((await run(body)).status, 422)
    })
  }
})
