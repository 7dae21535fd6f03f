import assert from 'node:assert/strict'
import sinon from 'sinon'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {succeeded} from '../../../lib/job/outcome.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createDeliveryHarness, type HarnessOptions} from '../../support/delivery-harness.ts'
import {createEntry} from '../../support/ledger-entry.ts'

const notAcknowledged = {name: 'NotAcknowledgedError'}
const attributes = {runId: 'sample@7'}
const down = async () => {
  throw new UnavailableError("can't reach the run ledger", {mayHaveExecuted: true})
}

/** A run whose executions are counted. */
function createCounted(options: HarnessOptions = {}) {
  const run = sinon.fake(async () => succeeded('done'))
  return {run, ...createDeliveryHarness({run, ...options})}
}

const ofRun = (given: Parameters<typeof createEntry>[0]): LedgerEntry =>
  createEntry({runId: 'sample@7', job: 'sample', ...given})

describe('claimRun', () => {
  it('lets one of many deliveries at once execute the run, and the others find it done', async () => {
    const clock = sinon.useFakeTimers({now: Date.UTC(2026, 10, 23, 8)})
    try {
      const {run, deliver, history} = createCounted()
      const deliveries = Array.from({length: 5}, () => deliver({attributes}))
      await clock.tickAsync(10_000)
      await Promise.all(deliveries)
      assert.equal(run.callCount, 1)
      assert.deepEqual(history().toSorted(), [...Array(4).fill('duplicate 0'), 'started 1', 'succeeded 1'])
    } finally {
      clock.restore()
    }
  })

  it('reads the history anew after a claim that another one won', async () => {
    const {run, deliver, ledger, history} = createCounted()
    const claim = async (entry: LedgerEntry) => {
      if (entry.attempt > 1) return ledger.claim(entry)
      await ledger.claim({...entry, messageId: 'other'})
      await ledger.record({...entry, event: 'failed', messageId: 'other'})
      return {kind: 'taken' as const, at: entry.at}
    }
    await deliver({attributes}, {ledger: {claim}})
    assert.deepEqual([run.callCount, history()], [1, ['started 1', 'failed 1', 'started 2', 'succeeded 2']])
  })

  it('gives the message back after five lost claims', async () => {
    const {run, deliver} = createCounted()
    const claim = sinon.fake(async () => ({kind: 'taken' as const, at: new Date(0)}))
    await assert.rejects(deliver({attributes}, {ledger: {claim}}), {...notAcknowledged, message: /^lost 5 claims/})
    assert.deepEqual([run.callCount, claim.callCount], [0, 5])
  })

  for (const event of ['succeeded', 'degraded', 'skipped'] as const) {
    it(`runs nothing when the run has ${event}, and notes the duplicate`, async () => {
      const {run, deliver, ledger, published} = createCounted()
      ledger.entries.push(ofRun({}), ofRun({event}))
      await deliver({attributes, messageId: 'm-2'})
      assert.deepEqual([run.callCount, published], [0, []])
      assert.partialDeepStrictEqual(ledger.entries.at(-1), {event: 'duplicate', attempt: 0, messageId: 'm-2'})
    })
  }

  it('acknowledges a duplicate even when that can’t be written down', async () => {
    const {run, deliver, ledger, lines} = createCounted()
    ledger.entries.push(ofRun({}), ofRun({event: 'succeeded'}))
    await deliver({attributes}, {ledger: {record: down}})
    assert.equal(run.callCount, 0)
    assert.ok(lines.includes('warn: the duplicate is not in the run ledger'))
  })

  describe('while somebody else’s lease is live', () => {
    let clock: sinon.SinonFakeTimers
    beforeEach(() => {
      clock = sinon.useFakeTimers({now: Date.UTC(2026, 10, 23, 8)})
    })
    afterEach(() => clock.restore())

    const leaseUntil = new Date(Date.UTC(2026, 10, 23, 8, 2))
    const running = ofRun({leaseUntil})

    it('waits, and finds the run finished', async () => {
      const {run, deliver, ledger} = createCounted()
      ledger.entries.push(running)
      const delivering = deliver({attributes, messageId: 'm-2'})
      await clock.tickAsync(30_000)
      ledger.entries.push(ofRun({event: 'succeeded'}))
      await clock.tickAsync(2000)
      await delivering
      assert.equal(run.callCount, 0)
      assert.equal(ledger.entries.at(-1)?.event, 'duplicate')
    })

    it('executes attempt 2 when the lease is over, if the run is idempotent', async () => {
      const {run, deliver, ledger, history} = createCounted()
      ledger.entries.push(running)
      const delivering = deliver({attributes})
      await clock.tickAsync(119_000)
      assert.equal(run.callCount, 0)
      await clock.tickAsync(2000)
      await delivering
      assert.deepEqual(history(), ['started 1', 'started 2', 'succeeded 2'])
    })

    it('gives the message back when the lease was extended meanwhile', async () => {
      const {run, deliver, ledger} = createCounted()
      ledger.entries.push(running)
      const delivering = assert.rejects(deliver({attributes}), {
        ...notAcknowledged,
        message: /is being executed elsewhere/,
      })
      await clock.tickAsync(60_000)
      ledger.entries.push(ofRun({event: 'progress', leaseUntil: new Date(leaseUntil.getTime() + 120_000)}))
      await clock.tickAsync(61_000)
      await delivering
      assert.equal(run.callCount, 0)
    })

    it('gives the message back at once when the instance is stopped', async () => {
      const {deliver, ledger} = createCounted()
      ledger.entries.push(running)
      const stop = new AbortController()
      const delivering = assert.rejects(deliver({attributes}, {stop: stop.signal}), {
        ...notAcknowledged,
        message: 'the instance is being stopped',
      })
      await clock.tickAsync(5000)
      stop.abort()
      await delivering
      assert.equal(clock.countTimers(), 0)
    })

    it('leaves the run so much less time as it waited', async () => {
      const deadlines: number[] = []
      const {deliver, ledger} = createCounted({
        async run({signal}) {
          const from = Date.now()
          await new Promise(resolve => signal.addEventListener('abort', resolve))
          deadlines.push((Date.now() - from) / 1000)
          return succeeded('done')
        },
      })
      ledger.entries.push(running)
      const delivering = deliver({attributes})
      await clock.tickAsync(520_000)
      await delivering
      const [seconds = 0] = deadlines
      // 540 s, less the 120 s of the lease and the 30 s to hand over.
      assert.ok(seconds > 380 && seconds <= 390, `${seconds} s`)
    })
  })

  describe('with a run that was abandoned', () => {
    const abandoned = ofRun({leaseUntil: new Date('2026-11-23T08:02:00Z')})

    it('executes it again, as attempt 2, if it is idempotent', async () => {
      const {deliver, ledger, history} = createCounted()
      ledger.entries.push(abandoned)
      await deliver({attributes})
      assert.deepEqual(history(), ['started 1', 'started 2', 'succeeded 2'])
    })

    it('sets it aside, outcome unknown, and never executes it, if it may not', async () => {
      const {run, deliver, ledger, notes} = createCounted({idempotent: false})
      ledger.entries.push(abandoned)
      await deliver({attributes})
      assert.equal(run.callCount, 0)
      assert.partialDeepStrictEqual(notes(), [
        {
          kind: 'unknown outcome',
          reason:
            'Outcome unknown: attempt 1 started at 2026-11-23T08:00:00.000Z and never ended. Check what the sample did. To run it again: replay this dead letter with --force, or publish it with all its attributes and checkedAttempt=1.',
          attempts: 1,
        },
      ])
      assert.partialDeepStrictEqual(ledger.entries.at(-1), {
        event: 'failed',
        attempt: 1,
        error: {kind: 'unknown outcome'},
      })
      await deliver({attributes})
      assert.deepEqual([run.callCount, notes().length, ledger.entries.at(-1)?.event], [0, 1, 'duplicate'])
    })

    it('executes it when an operator has checked it and replays it', async () => {
      const {run, deliver, ledger} = createCounted({idempotent: false})
      ledger.entries.push(abandoned)
      await deliver({attributes, messageId: 'm-1'})
      const replay = {...attributes, trigger: 'replay', replays: '1'}
      await deliver({attributes: replay, messageId: 'm-2'})
      assert.equal(run.callCount, 0, 'without consent')
      await deliver({attributes: {...replay, checkedAttempt: '1'}, messageId: 'm-3'})
      assert.equal(run.callCount, 1)
      assert.equal(ledger.entries.at(-1)?.event, 'succeeded')
    })

    it('does not execute twice by one consent: what the replay itself left behind is unknown again', async () => {
      const {run, deliver, ledger, notes} = createCounted({idempotent: false})
      const message = {attributes: {...attributes, trigger: 'replay', checkedAttempt: '1'}, messageId: 'm-3'}
      ledger.entries.push(
        abandoned,
        ofRun({attempt: 2, messageId: 'm-3', leaseUntil: new Date('2026-11-23T08:04:00Z')}),
      )
      await deliver(message)
      assert.equal(run.callCount, 0)
      assert.partialDeepStrictEqual(notes(), [{kind: 'unknown outcome'}])
    })
  })

  describe('when the ledger can’t be reached', () => {
    const broken = {ledger: {history: down, claim: down, record: down}}

    it('executes a run that is idempotent, and says so', async () => {
      const {run, deliver, lines} = createCounted()
      await assert.rejects(deliver({attributes}, broken), {...notAcknowledged, message: /^succeeded, but /})
      assert.equal(run.callCount, 1)
      assert.ok(lines.some(line => line.startsWith('warn: running without the run ledger')))
    })

    it('acknowledges such a run when the ledger can be told of its end', async () => {
      const {run, deliver, ledger} = createCounted()
      await deliver({attributes}, {ledger: {history: down}})
      assert.equal(run.callCount, 1)
      assert.partialDeepStrictEqual(ledger.entries, [{event: 'succeeded', attempt: 1}])
    })

    it('lets a run that isn’t idempotent wait for it', async () => {
      const {run, deliver} = createCounted({idempotent: false})
      await assert.rejects(deliver({attributes}, broken), {
        ...notAcknowledged,
        message: /the job may not be repeated, so it waits for the ledger$/,
      })
      assert.equal(run.callCount, 0)
    })

    it('lets it wait as well when the answer to its claim was lost', async () => {
      const {run, deliver} = createCounted({idempotent: false})
      await assert.rejects(deliver({attributes}, {ledger: {claim: down}}), notAcknowledged)
      assert.equal(run.callCount, 0)
    })
  })

  it('claims nothing any more once the instance is being stopped', async () => {
    const {run, deliver, history} = createCounted()
    await assert.rejects(deliver({attributes}, {stop: AbortSignal.abort()}), notAcknowledged)
    assert.deepEqual([run.callCount, history()], [0, []])
  })

  it('does not take a bug for a ledger that is down', async () => {
    const {run, deliver} = createCounted()
    const history = async () => {
      throw new TypeError('x is not a function')
    }
    await assert.rejects(deliver({attributes: {...attributes, trigger: 'replay'}}, {ledger: {history}}), TypeError)
    assert.equal(run.callCount, 0)
  })
})
