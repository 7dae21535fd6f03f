import assert from 'node:assert/strict'
import sinon from 'sinon'
import quotaReset from '../../../functions/monthly/quota-reset.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {runJob} from '../../support/job-run.ts'

const daily = {success: true, orgs_processed: 12, orgs_created: 12, orgs_skipped: 0, message: 'created'}
const monthly = {success: true, orgs_processed: 12, orgs_created: 0, orgs_skipped: 0, message: 'reset'}
const nothing = {success: true, orgs_processed: 0, orgs_created: 0, orgs_skipped: 0, message: 'Skipped: Not the 1st'}
const slot = '2026-11-01T00:05:00Z'

describe('monthly-quota-reset', () => {
  /** The API and the tables on the 1st, as a test changes them. */
  function world(given: {
    monthly?: typeof monthly | Error
    daily?: typeof daily | Error
    records?: {organizations: number; withMonth: number}[]
    pipelineRan?: Date | null | Error
  }) {
    const happened: string[] = []
    const records = [...(given.records ?? [{organizations: 0, withMonth: 0}])]
    const answer = <T>(name: string, value: T | Error) =>
      sinon.fake(async (..._given: readonly unknown[]): Promise<T> => {
        happened.push(name)
        if (value instanceof Error) throw value
        return value
      })
    return {
      happened,
      api: {
        countActiveOrganizations: async () => 12,
        resetDailyQuotas: answer('daily', given.daily ?? daily),
        resetMonthlyQuotas: answer('monthly', given.monthly ?? monthly),
      },
      quotaTable: {countDay: async () => (records.length > 1 ? records.shift() : records[0])},
      pipelineBatches: {firstEndedSince: answer('pipelines?', given.pipelineRan ?? null)},
    }
  }

  for (const [what, when] of Object.entries({
    'a scheduled run in time': {slot, now: '2026-11-01T00:05:03Z'},
    'a scheduled run late on its day': {slot, now: '2026-11-01T23:58:00Z'},
    'a manual run on the 1st': {now: '2026-11-01T15:00:00Z'},
  })) {
    it(`makes sure of today's records, then resets them, in ${what}`, async () => {
      const {happened, ...rest} = world({})
      const {outcome} = await runJob(quotaReset, {...when, ...rest})
      assert.deepEqual(happened, ['daily', 'pipelines?', 'monthly'])
      assert.deepEqual(outcome, {
        event: 'succeeded',
        summary: '12 organizations reset for 2026-11, 12 are active',
        counts: {orgsActive: 12, orgsReset: 12},
        errors: [],
        warnings: [],
      })
    })
  }

  it('is degraded where fewer were reset than are active, with what that means', async () => {
    const {happened: _, ...rest} = world({monthly: {...monthly, orgs_processed: 9}})
    const {outcome} = await runJob(quotaReset, {slot, now: slot, ...rest})
    assert.equal(outcome.event, 'degraded')
    assert.match(
      outcome.summary,
      /^9 organizations reset for 2026-11, but 12 are active: .* keep the count of last month/,
    )
  })

  it('refuses to reset once pipelines ran on the 1st, and says why', async () => {
    const {happened, ...rest} = world({pipelineRan: new Date('2026-11-01T06:30:00Z')})
    const {outcome} = await runJob(quotaReset, {slot, now: '2026-11-01T07:00:00Z', ...rest})
    assert.deepEqual([outcome.event, happened], ['failed', ['daily', 'pipelines?']])
    assert.match(outcome.summary, /pipelines ran already at 2026-11-01T06:30:00\.000Z, and a reset now would wipe/)
  })

  it('asks for pipelines since the day began', async () => {
    const {happened: _, ...rest} = world({})
    await runJob(quotaReset, {slot, now: '2026-11-01T00:05:03Z', ...rest})
    assert.deepEqual(rest.pipelineBatches.firstEndedSince.firstCall.args, [new Date('2026-11-01T00:00:00Z')])
  })

  it('goes on as another part where records still grow when its time is up', async () => {
    const {happened, ...rest} = world({records: [{organizations: 5, withMonth: 5}]})
    const {outcome} = await runJob(quotaReset, {slot, now: slot, ...rest, windDown: AbortSignal.abort()})
    assert.deepEqual([outcome.event, outcome.next, happened], ['continued', {}, []])
  })

  it('may be tried again after what fails before the reset', async () => {
    for (const broken of [
      {daily: new UnavailableError('500', {mayHaveExecuted: true, status: 500})},
      {pipelineRan: new UnavailableError('503', {mayHaveExecuted: true, status: 503})},
    ]) {
      const {happened, ...rest} = world(broken)
      await assert.rejects(runJob(quotaReset, {slot, now: slot, ...rest}), {
        name: 'UnavailableError',
        mayHaveExecuted: false,
      })
      assert.equal(happened.includes('monthly'), false)
    }
  })

  describe('when the answer of the reset is lost', () => {
    const lost = new UnavailableError('broke off', {mayHaveExecuted: true})

    it('has succeeded where every record of today is at 0', async () => {
      const {happened: _, ...rest} = world({
        monthly: lost,
        records: [
          {organizations: 0, withMonth: 0},
          {organizations: 12, withMonth: 0},
        ],
      })
      const {outcome} = await runJob(quotaReset, {slot, now: slot, ...rest})
      assert.deepEqual([outcome.event, outcome.counts], ['succeeded', {orgsActive: 12, orgsReset: 12}])
    })

    for (const [what, after] of [
      ['some are not', {organizations: 12, withMonth: 3}],
      ['there are none', {organizations: 0, withMonth: 0}],
    ] as const) {
      it(`leaves the outcome unknown where ${what}`, async () => {
        const {happened: _, ...rest} = world({monthly: lost, records: [{organizations: 0, withMonth: 0}, after]})
        await assert.rejects(runJob(quotaReset, {slot, now: slot, ...rest}), lost)
      })
    }
  })

  for (const now of ['2026-11-02T00:00:00Z', '2026-11-30T23:59:59Z']) {
    it(`skips a manual run at ${now}, without a call`, async () => {
      const {outcome} = await runJob(quotaReset, {now})
      assert.equal(outcome.event, 'skipped')
      assert.match(outcome.summary, new RegExp(`today is ${now.slice(0, 10)}: the API resets only on the 1st`))
    })
  }

  for (const [what, now] of Object.entries({
    'starts when the 1st is over': '2026-11-02T00:00:00Z',
    'is replayed in the middle of its month': '2026-11-15T12:00:00Z',
    'is replayed on the 1st of another month': '2026-12-01T00:30:00Z',
    'is replayed on the same day of another year': '2027-11-01T00:30:00Z',
  })) {
    it(`fails a scheduled run that ${what}, without a call, and says what to do`, async () => {
      const {outcome} = await runJob(quotaReset, {slot, now})
      assert.equal(outcome.event, 'failed')
      assert.match(outcome.summary, /^the monthly quotas of 2026-11 were not reset by this run: today is /)
      assert.match(outcome.summary, /set to 0 by hand$/)
    })
  }

  it('fails where the 1st ended before the API reset anything', async () => {
    const {happened: _, ...rest} = world({monthly: nothing})
    const last = ['2026-11-01T23:59:57Z', '2026-11-01T23:59:57Z', '2026-11-01T23:59:58Z', '2026-11-02T00:00:04Z']
    const {outcome} = await runJob(quotaReset, {slot, now: last, ...rest})
    assert.equal(outcome.event, 'failed')
    assert.match(outcome.summary, /quotas of 2026-11 were not reset by this run: today is 2026-11-02/)
  })

  it('fails when the API says success false', async () => {
    const {happened: _, ...rest} = world({monthly: {...monthly, success: false, message: 'initech: broken'}})
    const {outcome} = await runJob(quotaReset, {now: slot, slot, ...rest})
    assert.equal(outcome.event, 'failed')
    assert.match(outcome.summary, /initech: broken/)
  })
})
