import assert from 'node:assert/strict'
import sinon from 'sinon'
import staleCleanup from '../../../functions/daily/stale-cleanup.ts'
import {runJob} from '../../support/job-run.ts'

const answer = {success: true, orgs_processed: 2, orgs_created: 2, orgs_skipped: 0, message: '2 fixed'}

describe('daily-stale-cleanup', () => {
  it('succeeds with the organizations that were fixed', async () => {
    const {outcome, lines} = await runJob(staleCleanup, {api: {cleanUpStaleCounters: sinon.fake.resolves(answer)}})
    assert.deepEqual(outcome, {
      event: 'succeeded',
      summary: 'stuck counters of 2 organizations fixed',
      counts: {orgsFixed: 2},
      errors: [],
      warnings: [],
    })
    assert.deepEqual(lines, ["info: the API's answer: 2 fixed"])
  })

  it('says that it found nothing, and that this is the normal case', async () => {
    const none = {...answer, orgs_processed: 0, orgs_created: 0}
    const {outcome} = await runJob(staleCleanup, {api: {cleanUpStaleCounters: sinon.fake.resolves(none)}})
    assert.equal(outcome.event, 'succeeded')
    assert.equal(outcome.summary, 'no stale counters found: the normal case, the API heals itself')
    assert.equal(outcome.counts['orgsFixed'], 0)
  })

  it('fails when the API says success false, even if it fixed some', async () => {
    const broken = {...answer, success: false, message: 'initech: broken'}
    const {outcome} = await runJob(staleCleanup, {api: {cleanUpStaleCounters: sinon.fake.resolves(broken)}})
    assert.equal(outcome.event, 'failed')
    assert.match(outcome.summary, /initech: broken/)
    assert.equal(outcome.counts['orgsFixed'], 2)
  })
})
