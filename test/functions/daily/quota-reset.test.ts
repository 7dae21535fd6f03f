import assert from 'node:assert/strict'
import sinon from 'sinon'
import quotaReset from '../../../functions/daily/quota-reset.ts'
import {runJob} from '../../support/job-run.ts'

const answer = {success: true, orgs_processed: 12, orgs_created: 11, orgs_skipped: 1, message: 'done for 2026-11-23'}

describe('daily-quota-reset', () => {
  it('succeeds with the counts of the API, named for what they mean', async () => {
    const resetDailyQuotas = sinon.fake.resolves(answer)
    const {outcome} = await runJob(quotaReset, {
      api: {resetDailyQuotas},
      slot: '2026-11-23T00:00:00Z',
      now: '2026-11-23T00:00:02Z',
    })
    assert.deepEqual(outcome, {
      event: 'succeeded',
      summary: '11 quota records created for 2026-11-23, 1 of 12 organizations needed none',
      counts: {orgsProcessed: 12, recordsCreated: 11, orgsSkipped: 1},
      errors: [],
      warnings: [],
    })
    sinon.assert.calledOnceWithExactly(resetDailyQuotas)
  })

  it('fails with the words of the API when that says success false', async () => {
    const resetDailyQuotas = sinon.fake.resolves({...answer, success: false, message: 'initech: no subscription'})
    const {outcome} = await runJob(quotaReset, {api: {resetDailyQuotas}})
    assert.equal(outcome.event, 'failed')
    assert.match(outcome.summary, /initech: no subscription/)
    assert.deepEqual(outcome.counts, {orgsProcessed: 12, recordsCreated: 11, orgsSkipped: 1})
  })

  it('warns that a run of an earlier day created the records of today', async () => {
    const {outcome} = await runJob(quotaReset, {
      api: {resetDailyQuotas: sinon.fake.resolves(answer)},
      slot: '2026-11-21T00:00:00Z',
      now: '2026-11-23T09:00:00Z',
    })
    assert.equal(outcome.event, 'succeeded')
    assert.deepEqual(outcome.warnings, ['the run is that of 2026-11-21, but the records are those of 2026-11-23'])
  })

  it('lets an error of the API through, to be sorted by delivery', async () => {
    const error = new Error('down')
    await assert.rejects(runJob(quotaReset, {api: {resetDailyQuotas: sinon.fake.rejects(error)}}), error)
  })

  it('takes no arguments', async () => {
    await assert.rejects(runJob(quotaReset, {args: {orgSlug: 'acme_inc'}}), /Unrecognized key/)
  })
})
