import assert from 'node:assert/strict'
import {createQuotaOperations} from '../../../lib/admin-api/quota-operations.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {HttpService} from '../../../lib/http/http-service.ts'
import {createApiAttempts} from '../../support/api-attempt.ts'
import {createRecordingLog} from '../../support/recording-log.ts'

const first = new Date('2026-12-01T00:05:00Z')

describe('createQuotaOperations', () => {
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

    it('goes on there after a call that was cut off', async () => {
      const {api, emulator} = await attempts.start({quotaRoutes: 'documented'})
      const path = '/api/v1/admin/quota/reset-daily'
      emulator.faults.inject({path, kind: 'status', response: {status: 504}})
      assert.equal((await api.resetDailyQuotas()).orgs_created, 12)
      assert.deepEqual([emulator.requestLog.refused.length, emulator.faults.pending()], [1, 0])
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

  it('goes on after a 504 where the call before got to, until all is done', async () => {
    const {api, emulator} = await attempts.start({
      organizations: 20,
      secondsPerOrganization: 0.01,
      closesAfterSeconds: 0.08,
      afterClientGone: 'stops',
    })
    const result = await api.resetDailyQuotas()
    const changes = emulator.requestLog.done.map(entry => entry.changes)
    assert.ok(changes.length > 1, 'one call was enough')
    assert.equal(
      changes.reduce((sum, count) => sum + count),
      20,
    )
    assert.deepEqual([result.orgs_created, result.orgs_skipped], [changes.at(-1), 20 - (changes.at(-1) ?? 0)])
  })

  for (const kind of ['reset-before', 'reset-after', 'truncate'] as const) {
    it(`repeats a call that ended with ${kind}, and changes nothing twice`, async () => {
      const {api, emulator} = await attempts.start()
      emulator.faults.inject({path: /reset-daily/, kind})
      assert.equal((await api.resetDailyQuotas()).success, true)
      assert.equal(
        emulator.requestLog.done.reduce((sum, {changes}) => sum + changes, 0),
        12,
      )
      assert.equal(emulator.faults.pending(), 0)
    })
  }

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

  describe('when the repeats of the HTTP service are used up', () => {
    const answer = {success: true, orgs_processed: 1, orgs_created: 1, orgs_skipped: 0, message: ''}
    const cutOff = (status?: number) => new UnavailableError('cut off', {mayHaveExecuted: true, status})

    /** @param errors come one a call, then the answer. @param times what the clock says, after so many calls. */
    function start(errors: Error[], clock: (calls: number) => string) {
      let calls = 0
      const call: HttpService = async operation => {
        calls += 1
        const error = errors.shift()
        if (error !== undefined) throw error
        return operation.answer.parse(answer)
      }
      const options = {
        log: createRecordingLog().log,
        now: () => new Date(clock(calls)),
        deadline: new Date('2026-11-23T00:08:30Z'),
      }
      return {operations: createQuotaOperations(call, options), calls: () => calls}
    }
    const noTimePasses = () => '2026-11-23T00:00:00Z'

    it('begins anew after time-outs and 504s, as often as it takes', async () => {
      const {operations, calls} = start([cutOff(), cutOff(504), cutOff(504), cutOff()], noTimePasses)
      assert.deepEqual(await operations.cleanUpStaleCounters(), answer)
      assert.equal(calls(), 5)
    })

    it('begins no call when the deadline is about to come', async () => {
      const last = cutOff(504)
      const {operations, calls} = start([cutOff(504), last], calls =>
        calls < 2 ? '2026-11-23T00:00:00Z' : '2026-11-23T00:08:29.001Z',
      )
      await assert.rejects(operations.resetDailyQuotas(), error => error === last)
      assert.equal(calls(), 2)
    })

    for (const error of [cutOff(500), cutOff(503), new UnavailableError('refused', {mayHaveExecuted: false})]) {
      it(`gives up after ${error.status ?? 'a connection that was refused'}`, async () => {
        const {operations, calls} = start([error], noTimePasses)
        await assert.rejects(operations.resetDailyQuotas(), error)
        assert.equal(calls(), 1)
      })
    }
  })
})
