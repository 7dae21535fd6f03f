import assert from 'node:assert/strict'
import {createApis} from './admin-api-client.ts'

const DAILY = '/api/v1/admin/quota/reset-daily'
const MONTHLY = '/api/v1/admin/quota/reset-monthly'
const STALE = '/api/v1/admin/quota/cleanup-stale'

describe('createQuotaRoutes', () => {
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
        message: 'Daily quota reset for 2026-11-30: 11 records created, 1 existed',
      })
      assert.equal(api.organizations.get('wayne_tech')?.state.quotaDate, '2026-11-30')
      assert.equal(api.organizations.get('hooli')?.state.quotaDate, undefined, 'a suspended one gets none')
      assert.partialDeepStrictEqual((await api.post(DAILY)).body, {orgs_created: 0, orgs_skipped: 12})
      time = '2026-12-01T00:00:00Z'
      assert.partialDeepStrictEqual((await api.post(DAILY)).body, {orgs_created: 12, orgs_skipped: 0})
    })

    it('asks for no body and looks at none', async () => {
      const api = await apis.start()
      assert.equal((await api.ask('POST', DAILY, {text: 'not json'})).status, 200)
    })

    it('answers success false when an organization fails, having served the others', async () => {
      const api = await apis.start({now})
      api.organizations.break('hooli', 'not asked for')
      api.organizations.break('initech', 'no subscription', 1)
      assert.deepEqual((await api.post(DAILY)).body, {
        success: false,
        orgs_processed: 12,
        orgs_created: 11,
        orgs_skipped: 0,
        message: 'Daily quota reset for 2026-11-30: 11 records created, 0 existed; initech: no subscription',
      })
      assert.partialDeepStrictEqual((await api.post(DAILY)).body, {success: true, orgs_created: 1})
    })

    it('goes on where the call before got to, when the work had ended with its client', async () => {
      const api = await apis.start({
        organizations: 20,
        secondsPerOrganization: 0.01,
        closesAfterSeconds: 0.05,
        afterClientGone: 'stops',
      })
      const answers = []
      do answers.push(await api.post(DAILY))
      while (answers.at(-1)?.status === 504)

      const created = api.requestLog.done.map(({changes}) => changes)
      assert.ok(created.length > 1, 'one call was not enough')
      assert.equal(
        created.reduce((sum, count) => sum + count),
        20,
      )
      assert.partialDeepStrictEqual(answers.at(-1)?.body, {
        success: true,
        orgs_created: created.at(-1),
        orgs_skipped: 20 - (created.at(-1) ?? 0),
      })
      const ends = created.map((_, index) => ({finished: index === created.length - 1}))
      assert.partialDeepStrictEqual(api.requestLog.done, ends)
    })

    it('creates no record twice when a call comes while the work of another goes on', async () => {
      const api = await apis.start({organizations: 20, secondsPerOrganization: 0.005})
      const answers = await Promise.all([api.post(DAILY), api.post(DAILY), api.post(DAILY)])
      assert.deepEqual(
        answers.map(({status}) => status),
        [200, 200, 200],
      )
      assert.equal(
        api.requestLog.done.reduce((sum, {changes}) => sum + changes, 0),
        20,
      )
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
        message: 'Monthly reset only runs on the 1st of the month (UTC), today is 2026-11-30: nothing done',
      })
      assert.partialDeepStrictEqual(api.requestLog.done, [{operation: 'reset-monthly', changes: 0}])
    })

    it('resets every active organization once on the 1st', async () => {
      time = '2026-12-01T00:05:00Z'
      const api = await apis.start({now})
      assert.partialDeepStrictEqual((await api.post(MONTHLY)).body, {orgs_processed: 12, orgs_created: 12})
      assert.partialDeepStrictEqual((await api.post(MONTHLY)).body, {orgs_processed: 12, orgs_skipped: 12})
      time = '2027-01-01T00:05:00Z'
      assert.partialDeepStrictEqual((await api.post(MONTHLY)).body, {orgs_created: 12})
    })
  })

  describe('cleanup-stale', () => {
    it('fixes stuck counters, counted as created, and then finds none', async () => {
      const api = await apis.start()
      assert.deepEqual((await api.post(STALE)).body, {
        success: true,
        orgs_processed: 12,
        orgs_created: 2,
        orgs_skipped: 10,
        message: 'Stale counters fixed: 2 organizations',
      })
      assert.equal(api.organizations.get('umbrella_health')?.state.stuckCounters, 0)
      assert.partialDeepStrictEqual((await api.post(STALE)).body, {
        orgs_created: 0,
        message: 'No stale concurrent counters found',
      })
    })
  })

  describe('quotaRoutes without-admin', () => {
    it('serves the three routes at the other place, and not at the documented one', async () => {
      const api = await apis.start({quotaRoutes: 'without-admin'})
      for (const path of [DAILY, MONTHLY, STALE]) {
        const absent = await api.post(path)
        assert.deepEqual([absent.status, absent.body], [404, {detail: 'Not Found'}])
        const present = await api.post(path.replace('/admin', ''))
        assert.equal(present.status, 200)
      }
      assert.deepEqual(
        api.requestLog.done.map(({operation}) => operation),
        ['reset-daily', 'reset-monthly', 'cleanup-stale'],
      )
    })

    it('has only the documented place otherwise', async () => {
      const api = await apis.start()
      for (const path of [DAILY, MONTHLY, STALE]) {
        assert.deepEqual((await api.post(path.replace('/admin', ''))).body, {detail: 'Not Found'})
      }
    })
  })
})
