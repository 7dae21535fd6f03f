import assert from 'node:assert/strict'
import sinon from 'sinon'
import quotaCleanup from '../../../functions/daily/quota-cleanup.ts'
import {runJob} from '../../support/job-run.ts'

describe('daily-quota-cleanup', () => {
  it('deletes what is older than 90 days, and nothing else', async () => {
    const deleteBefore = sinon.fake.resolves({rows: 36})
    const {outcome} = await runJob(quotaCleanup, {quotaTable: {deleteBefore}, now: '2026-11-23T01:00:00Z'})
    sinon.assert.calledOnceWithExactly(deleteBefore, '2026-08-25')
    assert.deepEqual(outcome, {
      event: 'succeeded',
      summary: '36 quota records older than 90 days (before 2026-08-25) deleted',
      counts: {rowsDeleted: 36},
      errors: [],
      warnings: [],
    })
  })

  for (const [what, given, day] of [
    ['DAYS_TO_KEEP', {env: {DAYS_TO_KEEP: '30'}}, '2026-10-24'],
    ['the argument before DAYS_TO_KEEP', {env: {DAYS_TO_KEEP: '30'}, args: {daysToKeep: 1}}, '2026-11-22'],
    ['the longest time', {args: {daysToKeep: 3650}}, '2016-11-25'],
  ] as const) {
    it(`keeps as many days as ${what} says, counted back from today in UTC`, async () => {
      const deleteBefore = sinon.fake.resolves({rows: 0})
      const now = '2026-11-23T23:59:59.999Z'
      await runJob(quotaCleanup, {...given, now, quotaTable: {deleteBefore}})
      sinon.assert.calledOnceWithExactly(deleteBefore, day)
    })
  }

  it('counts back from the day of its slot where it runs late', async () => {
    const deleteBefore = sinon.fake.resolves({rows: 0})
    const given = {slot: '2026-11-22T01:00:00Z', now: '2026-11-23T00:30:00Z'}
    await runJob(quotaCleanup, {...given, quotaTable: {deleteBefore}})
    sinon.assert.calledOnceWithExactly(deleteBefore, '2026-08-24')
  })

  it('says so where BigQuery did not count the rows', async () => {
    const deleteBefore = sinon.fake.resolves({rows: undefined})
    const {outcome} = await runJob(quotaCleanup, {quotaTable: {deleteBefore}})
    assert.equal(outcome.event, 'succeeded')
    assert.match(outcome.summary, /how many is unknown/)
    assert.deepEqual(outcome.counts, {})
  })

  it('reports rows and bytes of a dry run, and deletes nothing', async () => {
    const measureBefore = sinon.fake.resolves({rows: 36, bytes: 0})
    const {outcome} = await runJob(quotaCleanup, {
      args: {dryRun: true, daysToKeep: 10},
      quotaTable: {measureBefore},
      now: '2026-11-23T01:00:00Z',
    })
    sinon.assert.calledOnceWithExactly(measureBefore, '2026-11-13')
    assert.equal(outcome.event, 'succeeded')
    assert.deepEqual(outcome.counts, {rowsToDelete: 36, bytesToProcess: 0})
    assert.match(outcome.summary, /^dry run: 36 quota records/)
  })

  for (const dryRun of [false, true]) {
    it(`is skipped${dryRun ? ' in a dry run' : ''} where there is no such table`, async () => {
      const absent = sinon.fake.resolves(undefined)
      const {outcome} = await runJob(quotaCleanup, {
        args: {dryRun},
        quotaTable: dryRun ? {measureBefore: absent} : {deleteBefore: absent},
      })
      assert.equal(outcome.event, 'skipped')
      assert.match(outcome.summary, /bootstrap has not run yet/)
    })
  }

  for (const daysToKeep of [0, -1, 3651, 1.5, '90', null]) {
    it(`refuses to keep ${JSON.stringify(daysToKeep)} days`, async () => {
      await assert.rejects(runJob(quotaCleanup, {args: {daysToKeep}}), {name: 'ZodError'})
    })
  }

  it('needs no secret', () => assert.deepEqual(quotaCleanup.secrets, []))
})
