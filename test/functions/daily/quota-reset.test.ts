import assert from 'node:assert/strict'
import sinon from 'sinon'
import quotaReset from '../../../functions/daily/quota-reset.ts'
import {runJob} from '../../support/job-run.ts'

const answer = {success: true, orgs_processed: 12, orgs_created: 11, orgs_skipped: 1, message: 'done for 2026-11-23'}
const countActiveOrganizations = async () => 12
const given = {
  slot: '2026-11-23T00:00:00Z',
  now: '2026-11-23T00:00:02Z',
  quotaTable: {countDay: async () => ({organizations: 0, withMonth: 0})},
}

describe('daily-quota-reset', () => {
  it('succeeds with the counts of the API, named for what they mean', async () => {
    const resetDailyQuotas = sinon.fake.resolves(answer)
    const {outcome} = await runJob(quotaReset, {...given, api: {resetDailyQuotas, countActiveOrganizations}})
    assert.deepEqual(outcome, {
      event: 'succeeded',
      summary: '11 quota records created for 2026-11-23, 1 of 12 organizations had one',
      counts: {orgsProcessed: 12, recordsCreated: 11, orgsSkipped: 1},
      errors: [],
      warnings: [],
    })
    sinon.assert.calledOnceWithExactly(resetDailyQuotas)
  })

  it('skips the run of another day: the API creates only today’s records', async () => {
    const {outcome} = await runJob(quotaReset, {slot: '2026-11-21T00:00:00Z', now: '2026-11-23T09:00:00Z'})
    assert.equal(outcome.event, 'skipped')
    assert.match(outcome.summary, /^this is the run of 2026-11-21, .* npm run publish -- quota-reset local$/)
  })

  it('goes on as another part where the records still grow when its time is up', async () => {
    const {outcome} = await runJob(quotaReset, {
      ...given,
      api: {countActiveOrganizations},
      quotaTable: {countDay: async () => ({organizations: 5, withMonth: 0})},
      windDown: AbortSignal.abort(),
    })
    assert.deepEqual([outcome.event, outcome.next], ['continued', {}])
    assert.equal(outcome.summary, '5 of 12 organizations have a record; part 2 goes on')
    assert.doesNotThrow(() => quotaReset.args.parse(outcome.next))
  })

  it('lets an error of the API through, to be sorted by delivery', async () => {
    const error = new Error('down')
    const api = {resetDailyQuotas: sinon.fake.rejects(error), countActiveOrganizations}
    await assert.rejects(runJob(quotaReset, {...given, api}), error)
  })

  it('declares the table that it reads, and that it goes on', () => {
    assert.deepEqual([quotaReset.reads, quotaReset.continues], [['organizations.org_usage_quotas'], true])
  })

  it('takes no arguments', async () => {
    await assert.rejects(runJob(quotaReset, {args: {orgSlug: 'acme_inc'}}), /Unrecognized key/)
  })
})
