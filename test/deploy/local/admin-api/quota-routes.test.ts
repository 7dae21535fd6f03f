import assert from 'node:assert/strict'
import {createApis, until} from './admin-api-client.ts'

const DAILY = '/api/v1/quota/reset-daily'
const MONTHLY = '/api/v1/quota/reset-monthly'
const STALE = '/api/v1/quota/cleanup-stale'

describe('quota routes', () => {
  const apis = createApis()
  afterEach(() => apis.stopAll())
  let time: string
  const now = () => new Date(time)
  beforeEach(() => {
    time = '2026-11-30T23:59:00Z'
  })

  describe('reset-daily', () => {
    it('creates today’s record for each active organization that has none', async () => {
      const api = await apis.start({now})
      api.organizations.setState('acme_inc', {quotaDate: '2026-11-30'})
      assert.deepEqual((await api.post(DAILY)).body, {
        success: true,
        orgs_processed: 12,
        orgs_created: 11,
        orgs_skipped: 1,
        message: 'Daily quota reset complete in 0.01s',
      })
      assert.equal(api.organizations.get('wayne_tech')?.state.quotaDate, '2026-11-30')
      assert.equal(api.organizations.get('hooli')?.state.quotaDate, undefined, 'a suspended one gets none')
      assert.partialDeepStrictEqual((await api.post(DAILY)).body, {orgs_created: 0, orgs_skipped: 12})
      time = '2026-12-01T00:00:00Z'
      assert.partialDeepStrictEqual((await api.post(DAILY)).body, {orgs_created: 12, orgs_skipped: 0})
    })

    it('carries the month’s count over from yesterday’s record, and from no older one', async () => {
      const api = await apis.start({now})
      api.organizations.setState('acme_inc', {quotaDate: '2026-11-29', pipelinesRunMonth: 41})
      api.organizations.setState('initech', {quotaDate: '2026-11-28', pipelinesRunMonth: 17})
      await api.post(DAILY)
      assert.equal(api.organizations.get('acme_inc')?.state.pipelinesRunMonth, 41)
      assert.equal(api.organizations.get('initech')?.state.pipelinesRunMonth, 0)
    })

    it('asks for no body and looks at none', async () => {
      const api = await apis.start()
      assert.equal((await api.ask('POST', DAILY, {text: 'not json'})).status, 200)
    })

    it('ends with 500 at the first organization that fails, and keeps the records before it', async () => {
      const api = await apis.start({now})
      api.organizations.break('initech', 'no subscription', 1)
      const failed = await api.post(DAILY, undefined, {headers: {'x-request-id': 'r-1'}})
      assert.equal(failed.status, 500)
      assert.deepEqual(failed.body, {detail: 'Daily quota reset failed: initech: no subscription', request_id: 'r-1'})
      const before = api.requestLog.quotaRecords.length
      assert.ok(before > 0)
      assert.partialDeepStrictEqual((await api.post(DAILY)).body, {orgs_created: 12 - before, orgs_skipped: before})
    })

    it('writes each record while the request is under way, and goes on after it was closed', async () => {
      const written: string[] = []
      const quotaRecordCreated = async ({orgSlug}: {orgSlug: string}) => void written.push(orgSlug)
      const noMore = async () => undefined
      const api = await apis.start({
        organizations: 20,
        secondsPerOrganization: 0.01,
        closesAfterSeconds: 0.05,
        bigQuery: {quotaRecordCreated, bootstrapped: noMore, monthReset: noMore, batchEnded: noMore},
      })
      assert.equal((await api.post(DAILY)).status, 504)
      assert.ok(written.length < 20, 'closed before its end')
      await until(() => written.length === 20)
      await until(() => api.requestLog.done.length === 1)
      assert.partialDeepStrictEqual(api.requestLog.done, [{changes: 20, clientGone: true, finished: true}])
    })

    it('creates records twice when a call begins while another goes on at another instance', async () => {
      const api = await apis.start({organizations: 20, secondsPerOrganization: 0.005, instances: 2})
      await Promise.all([api.post(DAILY), api.post(DAILY)])
      assert.equal(api.requestLog.quotaRecords.length, 40)
    })
  })

  describe('reset-monthly', () => {
    it('does nothing and says so on any day but the 1st (UTC)', async () => {
      const api = await apis.start({now})
      assert.deepEqual((await api.post(MONTHLY)).body, {
        success: true,
        orgs_processed: 0,
        orgs_created: 0,
        orgs_skipped: 0,
        message: 'Skipped: Not the 1st of the month (day=30)',
      })
      assert.partialDeepStrictEqual(api.requestLog.done, [{operation: 'reset-monthly', changes: 0}])
    })

    it('resets whoever has a record of today, and nobody else', async () => {
      time = '2026-12-01T00:05:00Z'
      const api = await apis.start({now})
      api.organizations.setState('acme_inc', {quotaDate: '2026-12-01', pipelinesRunMonth: 30})
      api.organizations.setState('hooli', {quotaDate: '2026-12-01', pipelinesRunMonth: 31})
      api.organizations.setState('initech', {quotaDate: '2026-11-30', pipelinesRunMonth: 32})
      assert.partialDeepStrictEqual((await api.post(MONTHLY)).body, {
        orgs_processed: 2,
        orgs_created: 0,
        orgs_skipped: 0,
        message: 'Monthly quota reset complete: 2 orgs reset in 0.01s',
      })
      const months = ['acme_inc', 'hooli', 'initech'].map(slug => api.organizations.get(slug)?.state.pipelinesRunMonth)
      assert.deepEqual(months, [0, 0, 32])
      await api.post(DAILY)
      assert.equal(api.organizations.get('initech')?.state.pipelinesRunMonth, 32, 'and carries last month over')
    })

    it('wipes what was counted since with a second call', async () => {
      time = '2026-12-01T00:05:00Z'
      const api = await apis.start({now})
      await api.post(DAILY)
      await api.post(MONTHLY)
      api.organizations.setState('acme_inc', {pipelinesRunMonth: 2})
      assert.partialDeepStrictEqual((await api.post(MONTHLY)).body, {orgs_processed: 12})
      assert.equal(api.organizations.get('acme_inc')?.state.pipelinesRunMonth, 0)
    })
  })

  describe('cleanup-stale', () => {
    it('fixes stuck counters, counted as processed and as created, and then finds none', async () => {
      const api = await apis.start()
      assert.deepEqual((await api.post(STALE)).body, {
        success: true,
        orgs_processed: 2,
        orgs_created: 2,
        orgs_skipped: 0,
        message: 'Stale cleanup complete: 2 orgs',
      })
      assert.equal(api.organizations.get('umbrella_health')?.state.stuckCounters, 0)
      assert.partialDeepStrictEqual((await api.post(STALE)).body, {
        orgs_processed: 0,
        orgs_created: 0,
        message: 'No stale concurrent counters found (0.01s)',
      })
    })
  })

  it('are without admin/ in their path, and with it only where a test asks for that', async () => {
    const running = await apis.start()
    const documented = await apis.start({quotaRoutes: 'documented'})
    for (const path of [DAILY, MONTHLY, STALE]) {
      const other = path.replace('/quota/', '/admin/quota/')
      assert.deepEqual((await running.post(other)).body, {detail: 'Not Found'})
      assert.deepEqual((await documented.post(path)).body, {detail: 'Not Found'})
      assert.equal((await running.post(path)).status, 200)
      assert.equal((await documented.post(other)).status, 200)
    }
  })
})
