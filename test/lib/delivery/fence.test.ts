import assert from 'node:assert/strict'
import sinon from 'sinon'
import {InterruptedError} from '../../../lib/errors/interrupted-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {succeeded} from '../../../lib/job/outcome.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import type {Claim} from '../../../lib/ledger/run-ledger.ts'
import {createDeliveryHarness, type HarnessOptions} from '../../support/delivery-harness.ts'

const attributes = {runId: 'sample@7'}
const notAcknowledged = {name: 'NotAcknowledgedError'}
const request = {alertTypes: [], dryRun: false}

function createCounted(options: HarnessOptions = {}) {
  const run = sinon.fake(async () => succeeded('done'))
  return {run, ...createDeliveryHarness({run, idempotent: false, ...options})}
}

describe('an attempt whose lease is over', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({now: Date.UTC(2026, 10, 23, 8)})
  })
  afterEach(() => clock.restore())

  /** A claim that is answered so much later. */
  const late =
    (ledger: {claim: (entry: LedgerEntry, writer?: string) => Promise<Claim>}, how: () => void) =>
    async (entry: LedgerEntry, writer?: string): Promise<Claim> => {
      const claim = await ledger.claim(entry, writer)
      how()
      return claim
    }

  for (const idempotent of [true, false]) {
    it(`does not begin when its claim was answered late (${idempotent ? '' : 'not '}idempotent): nothing executed, and the message comes back`, async () => {
      const {deliver, run, ledger, history, notes} = createCounted({idempotent})
      const claim = late(ledger, () => clock.setSystemTime(Date.now() + 120_000))
      await assert.rejects(deliver({attributes}, {ledger: {claim}}), {
        ...notAcknowledged,
        message: 'attempt 1 was given up: the lease was over before the job could begin',
      })
      assert.deepEqual([run.callCount, history(), notes()], [0, ['started 1', 'failed 1'], []])
      assert.partialDeepStrictEqual(ledger.entries.at(-1), {
        error: {
          name: 'NotExecuted',
          disposition: 'transient',
          message: 'nothing was executed: the lease was over before the job could begin',
        },
      })
      await deliver({attributes})
      assert.deepEqual([run.callCount, history().slice(2)], [1, ['started 2', 'succeeded 2']])
    })
  }

  it('is over by the monotonic clock as well, when the wall clock was set back', async () => {
    const {deliver, run, ledger, history} = createCounted()
    const claim = late(ledger, () => {
      clock.tick(119_999)
      clock.setSystemTime(Date.now() - 600_000)
      clock.tick(1)
    })
    await assert.rejects(deliver({attributes}, {ledger: {claim}}), notAcknowledged)
    assert.deepEqual([run.callCount, history()], [0, ['started 1', 'failed 1']])
  })

  it('begins when its claim was answered just in time', async () => {
    const {deliver, run, ledger} = createCounted()
    const claim = late(ledger, () => clock.setSystemTime(Date.now() + 119_999))
    await deliver({attributes}, {ledger: {claim}})
    assert.equal(run.callCount, 1)
  })

  it('sends nothing that may not be repeated', async () => {
    const posted: unknown[] = []
    const {deliver, ledger, notes} = createDeliveryHarness({
      idempotent: false,
      async run({api}) {
        clock.setSystemTime(Date.now() + 120_000)
        try {
          await api.processAlerts(request)
        } catch (error) {
          posted.push(error)
          throw error
        }
        return succeeded('sent')
      },
    })
    await assert.rejects(deliver({attributes}), notAcknowledged)
    const [error] = posted
    assert.ok(error instanceof InterruptedError && !error.mayHaveExecuted, String(error))
    assert.match(error.message, /lease is over/)
    assert.deepEqual(notes(), [])
    assert.partialDeepStrictEqual(ledger.entries.at(-1), {event: 'failed', error: {disposition: 'transient'}})
  })

  it('is not given up by a heartbeat that came too late', async () => {
    let isLive = true
    const {deliver, ledger} = createDeliveryHarness({
      idempotent: false,
      async run({api}) {
        await clock.tickAsync(45_000)
        clock.setSystemTime(Date.now() + 120_000)
        await clock.tickAsync(45_000)
        await api.processAlerts(request).catch(error => {
          isLive = !/lease is over/.test(String(error))
        })
        return succeeded('done')
      },
    })
    await deliver({attributes})
    assert.ok(ledger.entries.some(({event}) => event === 'progress'))
    assert.equal(isLive, false)
  })

  it('is extended by each heartbeat, from before its write began', async () => {
    const errors: string[] = []
    const stop = new AbortController()
    const {deliver, ledger} = createDeliveryHarness({
      idempotent: false,
      async run({api}) {
        await clock.tickAsync(200_000)
        // Nobody listens there, so it is tried again and again: all that counts is that it was sent.
        const failed = api.processAlerts(request).catch(error => void errors.push(String(error)))
        await Promise.race([failed, clock.tickAsync(0)])
        stop.abort()
        await failed
        return succeeded('done')
      },
    })
    await deliver({attributes}, {stop: stop.signal})
    assert.doesNotMatch(errors.join(), /lease is over/)
    const beats = ledger.entries.filter(({event}) => event === 'progress')
    assert.ok(beats.length >= 4)
    for (const {at, leaseUntil} of beats) assert.equal(leaseUntil?.getTime(), at.getTime() + 120_000)
  })
})

describe('a claim that is given up', () => {
  const down = new UnavailableError('BigQuery did not answer within 15 s', {mayHaveExecuted: true})

  it('is closed as not executed when its row did not come, if it was ours', async () => {
    const {deliver, run, ledger, history} = createCounted()
    let claims = 0
    const claim = async (entry: LedgerEntry, writer?: string): Promise<Claim> => {
      claims += 1
      const claimed = await ledger.claim(entry, writer)
      return claims === 1 ? {kind: 'claimed', written: Promise.reject(down)} : claimed
    }
    await assert.rejects(deliver({attributes}, {ledger: {claim}}), {
      ...notAcknowledged,
      message: /waits for the ledger$/,
    })
    assert.deepEqual([run.callCount, history()], [0, ['started 1', 'failed 1']])
    await deliver({attributes})
    assert.deepEqual([run.callCount, history().slice(2)], [1, ['started 2', 'succeeded 2']])
  })

  it('ends nobody else’s attempt when the claim was another one’s', async () => {
    const {deliver, ledger, history} = createCounted()
    let claims = 0
    const claim = async (entry: LedgerEntry, writer?: string): Promise<Claim> => {
      claims += 1
      if (claims > 1) return ledger.claim(entry, writer)
      await ledger.claim({...entry, messageId: 'other'}, 'another writer')
      throw down
    }
    await assert.rejects(deliver({attributes}, {ledger: {claim}}), notAcknowledged)
    assert.deepEqual(history(), ['started 1'])
  })

  it('is closed by the next delivery where the ledger did not answer, before anything else', async () => {
    const {deliver, run, ledger, history} = createCounted()
    let isDown = true
    const broken = {
      ledger: {
        async claim(entry: LedgerEntry, writer?: string): Promise<Claim> {
          const claimed = await ledger.claim(entry, writer)
          return isDown ? {kind: 'claimed', written: Promise.reject(down)} : claimed
        },
        async record(entry: LedgerEntry) {
          if (isDown) throw down
          await ledger.record(entry)
        },
      },
    }
    await assert.rejects(deliver({attributes}, broken), notAcknowledged)
    await assert.rejects(deliver({attributes}, broken), notAcknowledged)
    assert.deepEqual(history(), ['started 1'])
    isDown = false
    await deliver({attributes}, broken)
    assert.deepEqual([run.callCount, history()], [1, ['started 1', 'failed 1', 'started 2', 'succeeded 2']])
  })
})
