import assert from 'node:assert/strict'
import {createApiAttempts} from '../../support/api-attempt.ts'

const first = new Date('2026-12-01T00:05:00Z')

describe('quota operations', () => {
  const attempts = createApiAttempts()
  afterEach(() => attempts.stopAll())

  it('resets the day, resets the month and cleans up, each over its route without admin/', async () => {
    const {api, emulator, lines} = await attempts.start({now: () => first})
    assert.partialDeepStrictEqual(await api.resetDailyQuotas(), {success: true, orgs_processed: 12, orgs_created: 12})
    assert.partialDeepStrictEqual(await api.resetMonthlyQuotas(), {orgs_processed: 12, orgs_created: 0})
    assert.partialDeepStrictEqual(await api.cleanUpStaleCounters(), {orgs_processed: 2, orgs_created: 2})
    assert.deepEqual(
      emulator.requestLog.done.map(({operation}) => operation),
      ['reset-daily', 'reset-monthly', 'cleanup-stale'],
    )
    assert.deepEqual([emulator.requestLog.refused, lines.filter(line => !line.startsWith('debug'))], [[], []])
  })

  describe('in a release that has the routes where its documents have them', () => {
    it('uses these, says so once, and remembers it', async () => {
      const {api, emulator, lines} = await attempts.start({quotaRoutes: 'documented', now: () => first})
      for (const operation of [api.resetDailyQuotas, api.resetMonthlyQuotas, api.cleanUpStaleCounters]) {
        assert.equal((await operation()).success, true)
      }
      assert.partialDeepStrictEqual(emulator.requestLog.refused, [{path: '/api/v1/quota/reset-daily', status: 404}])
      assert.equal(emulator.requestLog.refused.length, 1)
      assert.deepEqual(
        lines.filter(line => line.startsWith('info')),
        ['info: this release of the admin API has no /api/v1/quota: using /api/v1/admin/quota'],
      )
    })
  })

  it('is refused where neither route exists', async () => {
    const {api, emulator} = await attempts.start()
    emulator.faults.inject({
      path: /reset-daily/,
      kind: 'status',
      times: 2,
      response: {status: 404, body: {detail: 'Not Found'}},
    })
    await assert.rejects(api.resetDailyQuotas(), {name: 'RejectedError', message: /no such route/})
    assert.equal(emulator.faults.pending(), 0)
  })

  it('takes no 404 in other words for an absent route', async () => {
    const {api, emulator} = await attempts.start()
    const response = {status: 404, body: {detail: "Organization 'x' not found"}}
    emulator.faults.inject({path: /./, kind: 'status', response})
    await assert.rejects(api.resetDailyQuotas(), {name: 'RejectedError', detail: "Organization 'x' not found"})
    assert.deepEqual(emulator.requestLog.done, [])
  })

  for (const [what, response] of [
    ['a 504', {status: 504}],
    ['a 500', {status: 500, body: {detail: 'Daily quota reset failed: x'}}],
  ] as const) {
    it(`doesn't send a reset again by itself after ${what}: the first may be going on`, async () => {
      const {api, emulator} = await attempts.start({now: () => first})
      emulator.faults.inject({path: /reset/, kind: 'status', response, times: 2})
      for (const reset of [api.resetDailyQuotas, api.resetMonthlyQuotas]) {
        await assert.rejects(reset(), {name: 'UnavailableError', mayHaveExecuted: true})
      }
      assert.deepEqual([emulator.requestLog.done, emulator.faults.pending()], [[], 0])
    })
  }

  it('sends a reset again that proves not to have executed', async () => {
    const {api, emulator} = await attempts.start()
    const response = {status: 429, body: {detail: {error: 'x', retry_after: 0}}}
    emulator.faults.inject({path: /reset-daily/, kind: 'status', response})
    assert.equal((await api.resetDailyQuotas()).orgs_created, 12)
    assert.equal(emulator.faults.pending(), 0)
  })

  it('repeats the clean-up whatever cut it off', async () => {
    const {api, emulator} = await attempts.start()
    emulator.faults.inject({path: /cleanup-stale/, kind: 'reset-after'})
    assert.equal((await api.cleanUpStaleCounters()).success, true)
    assert.equal(emulator.requestLog.done.length, 2)
  })

  it('is unavailable or interrupted when the time is up, so that the message comes back', async () => {
    const {api, emulator} = await attempts.start({seconds: 0.3, organizations: 5, secondsPerOrganization: 0.2})
    await assert.rejects(api.resetDailyQuotas(), {name: /^(UnavailableError|InterruptedError)$/})
    assert.ok(emulator.requestLog.done.length <= 1)
  })

  it('is interrupted when the instance is told to stop', async () => {
    const {api, abort} = await attempts.start({organizations: 5, secondsPerOrganization: 0.5})
    const result = api.resetDailyQuotas()
    setTimeout(abort, 20)
    await assert.rejects(result, {name: 'InterruptedError'})
  })

  it('takes an answer against the contract for an error, and does not repeat it', async () => {
    const {api, emulator} = await attempts.start()
    emulator.faults.inject({path: /reset-daily/, kind: 'body', text: '{"success":true}'})
    await assert.rejects(api.resetDailyQuotas(), {name: 'ContractError', message: /orgs_processed/})
    assert.equal(emulator.requestLog.done.length, 1)
  })
})
