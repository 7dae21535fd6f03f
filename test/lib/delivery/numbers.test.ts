import assert from 'node:assert/strict'
import sinon from 'sinon'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {type Outcome, succeeded} from '../../../lib/job/outcome.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createDeliveryHarness} from '../../support/delivery-harness.ts'
import {createEntry} from '../../support/ledger-entry.ts'

const attributes = {runId: 'sample@7'}
const ofRun = (given: Parameters<typeof createEntry>[0]): LedgerEntry =>
  createEntry({runId: 'sample@7', job: 'sample', ...given})

/** A ledger that can't be reached until the job runs. */
function createBlindStart(run: () => Promise<Outcome>) {
  let isDown = true
  const harness = createDeliveryHarness({
    run: () => {
      isDown = false
      return run()
    },
  })
  const claim: typeof harness.ledger.claim = async (...args) => {
    if (isDown) throw new UnavailableError('the ledger is down', {mayHaveExecuted: true})
    return harness.ledger.claim(...args)
  }
  return {...harness, broken: {ledger: {claim}}}
}

describe('an attempt that the ledger did not see start', () => {
  it('takes attempt 1’s claim with its outcome', async () => {
    const {deliver, broken, history, ledger} = createBlindStart(async () => succeeded('done'))
    await deliver({attributes}, broken)
    assert.deepEqual(history(), ['succeeded 1'])
    assert.equal((await ledger.claim(ofRun({messageId: 'twin'}))).kind, 'taken')
  })

  it('ends nobody else’s attempt: it gets the next number', async () => {
    const leaseUntil = new Date(Date.now() + 60_000)
    const {deliver, broken, ledger, history} = createBlindStart(async () => {
      throw new UnavailableError('down', {mayHaveExecuted: false})
    })
    ledger.entries.push(ofRun({messageId: 'other', leaseUntil}))
    await assert.rejects(deliver({attributes}, broken), {name: 'NotAcknowledgedError', message: 'down'})
    assert.deepEqual(history(), ['started 1', 'failed 2'])
  })

  it('ends the run where it failed for good, so that no twin runs it again', async () => {
    const {deliver, broken, history, notes} = createBlindStart(async () => {
      throw new RejectedError('no', {status: 400, detail: 'no'})
    })
    await deliver({attributes}, broken)
    await deliver({attributes, messageId: 'twin'})
    assert.deepEqual([history(), notes().length], [['failed 1', 'duplicate 0'], 1])
  })

  it('writes no heartbeat: it has no lease', async () => {
    const clock = sinon.useFakeTimers({now: Date.UTC(2026, 10, 23, 8)})
    try {
      const {deliver, broken, history} = createBlindStart(async () => {
        await clock.tickAsync(200_000)
        return succeeded('done')
      })
      await deliver({attributes}, broken)
      assert.deepEqual(history(), ['succeeded 1'])
    } finally {
      clock.restore()
    }
  })
})

describe('a message that can’t be read', () => {
  it('does not end the run whose id it bears, whatever came first', async () => {
    const {deliver, run, history} = (() => {
      const run = sinon.fake(async () => succeeded('done'))
      return {run, ...createDeliveryHarness({run, idempotent: false})}
    })()
    await deliver({attributes, data: 'no JSON', messageId: 'bad'})
    await deliver({attributes})
    assert.deepEqual([run.callCount, history()], [1, ['failed 0', 'started 1', 'succeeded 1']])
    await deliver({attributes: {...attributes, part: '0'}, messageId: 'bad-2'})
    assert.equal(history().at(-1), 'failed 0')
  })

  it('does not end a run between two of its attempts', async () => {
    const {deliver, ledger, history} = createDeliveryHarness()
    ledger.entries.push(ofRun({}), ofRun({event: 'failed'}))
    await deliver({attributes, data: '[]', messageId: 'bad'})
    await deliver({attributes})
    assert.deepEqual(history().slice(2), ['failed 0', 'started 2', 'succeeded 2'])
  })
})

describe('the second part of a run that isn’t idempotent', () => {
  const second = {attributes: {...attributes, part: '2'}, messageId: 'm-2'}

  for (const [what, entries] of [
    ['is unknown', []],
    ['has started', [ofRun({leaseUntil: new Date(0)})]],
    [
      'has an unknown outcome',
      [
        ofRun({}),
        ofRun({
          event: 'failed',
          error: {name: 'x', message: 'x', details: [], disposition: 'ambiguous', kind: 'unknown outcome'},
        }),
      ],
    ],
  ] as const) {
    it(`comes back while the first ${what}, and is no dead letter`, async () => {
      const run = sinon.fake(async () => succeeded('done'))
      const {deliver, ledger, notes} = createDeliveryHarness({run, idempotent: false})
      ledger.entries.push(...entries)
      await assert.rejects(deliver(second), {
        name: 'NotAcknowledgedError',
        message: "part 1 of run sample@7 isn't known to have ended: this part waits for it",
      })
      assert.deepEqual([run.callCount, notes()], [0, []])
    })
  }

  it('runs once the first is recorded as continued', async () => {
    const {deliver, ledger, history} = createDeliveryHarness({idempotent: false})
    ledger.entries.push(ofRun({}), ofRun({event: 'continued'}))
    await deliver(second)
    assert.deepEqual(history().slice(2), ['started 2', 'succeeded 2'])
  })

  it('does not wait where the job is idempotent', async () => {
    const {deliver, history} = createDeliveryHarness()
    await deliver(second)
    assert.deepEqual(history(), ['started 1', 'succeeded 1'])
  })
})
