import assert from 'node:assert/strict'
import sinon from 'sinon'
import quotaReset from '../../../functions/monthly/quota-reset.ts'
import {runJob} from '../../support/job-run.ts'

const answer = {success: true, orgs_processed: 12, orgs_created: 10, orgs_skipped: 2, message: 'done'}
const nothing = {success: true, orgs_processed: 0, orgs_created: 0, orgs_skipped: 0, message: 'only on the 1st'}
const slot = '2026-11-01T00:05:00Z'

describe('monthly-quota-reset', () => {
  for (const [what, given] of Object.entries({
    'a scheduled run in time': {slot, now: '2026-11-01T00:05:03Z'},
    'a scheduled run late on its day': {slot, now: '2026-11-01T23:58:00Z'},
    'a manual run on the 1st': {now: '2026-11-01T15:00:00Z'},
  })) {
    it(`resets the month in ${what}`, async () => {
      const resetMonthlyQuotas = sinon.fake.resolves(answer)
      const {outcome} = await runJob(quotaReset, {...given, api: {resetMonthlyQuotas}})
      sinon.assert.calledOnce(resetMonthlyQuotas)
      assert.deepEqual(outcome, {
        event: 'succeeded',
        summary: '10 organizations reset for 2026-11, 2 of 12 needed no reset',
        counts: {orgsProcessed: 12, orgsReset: 10, orgsSkipped: 2},
        errors: [],
        warnings: [],
      })
    })
  }

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

  it('fails where the 1st ended before the API got to anything', async () => {
    for (const given of [{slot}, {}]) {
      const {outcome} = await runJob(quotaReset, {
        ...given,
        now: ['2026-11-01T23:59:58Z', '2026-11-02T00:04:00Z'],
        api: {resetMonthlyQuotas: sinon.fake.resolves(nothing)},
      })
      assert.equal(outcome.event, 'failed')
      assert.match(outcome.summary, /quotas of 2026-11 were not reset by this run: today is 2026-11-02/)
    }
  })

  it('is degraded where the API looked at no organization although it is the 1st', async () => {
    const {outcome} = await runJob(quotaReset, {
      slot,
      now: '2026-11-01T00:05:01Z',
      api: {resetMonthlyQuotas: sinon.fake.resolves(nothing)},
    })
    assert.equal(outcome.event, 'degraded')
    assert.match(outcome.summary, /only on the 1st/)
  })

  it('fails when the API says success false', async () => {
    const resetMonthlyQuotas = sinon.fake.resolves({...answer, success: false, message: 'initech: broken'})
    const {outcome} = await runJob(quotaReset, {now: slot, slot, api: {resetMonthlyQuotas}})
    assert.equal(outcome.event, 'failed')
    assert.match(outcome.summary, /initech: broken/)
  })
})
