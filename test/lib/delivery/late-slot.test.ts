import assert from 'node:assert/strict'
import type {MissedPolicy} from '../../../lib/job/missed-policy.ts'
import {succeeded} from '../../../lib/job/outcome.ts'
import {createDeliveryHarness} from '../../support/delivery-harness.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const schedule = '0 8 * * *'
const runId = 'daily-sample@2020-11-23T08:00Z'

describe('createDeliver, with a scheduled message that comes years late', () => {
  function harness(missed: MissedPolicy) {
    let runs = 0
    const run = async () => {
      runs += 1
      return succeeded('done')
    }
    const job = () => createSampleJob({path: 'functions/daily/sample.ts', schedule, missed, idempotent: false, run})
    return {...createDeliveryHarness({job}), runs: () => runs}
  }
  const backlog = {publishTime: '2020-11-23T08:00:00.500Z'}
  const caughtUp = {attributes: {runId, trigger: 'manual'}}

  for (const [policy, reason] of [
    ['today', /its day is over: 2020-11-23/],
    ['latest', /superseded by 20\d\d-/],
    [{never: 'the day is gone'}, /never made up for: the day is gone/],
  ] as const) {
    const name = typeof policy === 'string' ? policy : 'never'
    it(`skips it where the policy is ${name}, claims its run, and says why`, async () => {
      for (const message of [backlog, caughtUp]) {
        const {deliver, ledger, runs, published} = harness(policy)
        await deliver(message)
        assert.equal(runs(), 0)
        assert.partialDeepStrictEqual(ledger.entries, [
          {runId, event: 'started', attempt: 1},
          {runId, event: 'skipped', attempt: 1},
        ])
        assert.match(ledger.entries[1]?.summary ?? '', reason)
        assert.deepEqual(published, [])
      }
    })

    it(`runs it where the policy is ${name} and somebody forced it, or it is the rest of a run that began`, async () => {
      for (const attributes of [
        {runId, trigger: 'replay', force: 'true'},
        {runId, part: '2'},
      ]) {
        const {deliver, runs, ledger} = harness(policy)
        if ('part' in attributes) ledger.entries.push(createEntry({runId, job: 'daily-sample', event: 'continued'}))
        await deliver({attributes})
        assert.equal(runs(), 1)
      }
    })
  }

  it('runs it where the policy is each', async () => {
    const {deliver, runs, history} = harness('each')
    await deliver(backlog)
    assert.deepEqual([runs(), history()], [1, ['started 1', 'succeeded 1']])
  })

  it('runs what somebody asked for by hand', async () => {
    const {deliver, runs} = harness('today')
    await deliver({...backlog, attributes: {runId: 'daily-sample@01M8', trigger: 'manual'}})
    assert.equal(runs(), 1)
  })

  it('runs nothing of a slot that catch-up left out: it claimed attempt 1', async () => {
    const {deliver, runs, ledger, history} = harness('each')
    await deliver(backlog)
    const [started] = ledger.entries
    assert.ok(started !== undefined)
    const leftOut = 'daily-sample@2020-11-24T08:00Z'
    const {leaseUntil: _, ...entry} = started
    assert.equal((await ledger.claim({...entry, runId: leftOut, event: 'skipped'})).kind, 'claimed')
    await deliver({publishTime: '2020-11-24T08:00:00.500Z', messageId: 'm-2'})
    assert.equal(runs(), 1)
    assert.deepEqual(history().slice(2), ['skipped 1', 'duplicate 0'])
  })
})
