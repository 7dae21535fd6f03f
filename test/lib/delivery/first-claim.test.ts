import assert from 'node:assert/strict'
import sinon from 'sinon'
import {LostClaimError} from '../../../lib/errors/lost-claim-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {JobContext} from '../../../lib/job/job-context.ts'
import {succeeded} from '../../../lib/job/outcome.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import type {Claim} from '../../../lib/ledger/run-ledger.ts'
import {createDeliveryHarness, type HarnessOptions} from '../../support/delivery-harness.ts'
import {createEntry} from '../../support/ledger-entry.ts'

const attributes = {runId: 'sample@7'}
const now = Date.UTC(2026, 10, 23, 8)
const ofRun = (given: Parameters<typeof createEntry>[0]): LedgerEntry =>
  createEntry({runId: 'sample@7', job: 'sample', ...given})

function createCounted(options: HarnessOptions = {}) {
  const run = sinon.fake(async (_context: JobContext<Record<string, unknown>>) => succeeded('done'))
  return {run, ...createDeliveryHarness({run, ...options})}
}

describe('a first delivery', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({now})
  })
  afterEach(() => clock.restore())

  for (const idempotent of [true, false]) {
    it(`takes two statements, and reads nothing (${idempotent ? 'idempotent' : 'not idempotent'})`, async () => {
      const {deliver, ledger, run} = createCounted({idempotent})
      const [history, claim, record] = [sinon.spy(ledger.history), sinon.spy(ledger.claim), sinon.spy(ledger.record)]
      await deliver({attributes}, {ledger: {history, claim, record}})
      assert.deepEqual([run.callCount, history.callCount, claim.callCount, record.callCount], [1, 0, 1, 1])
    })
  }

  for (const [seconds, first] of [
    [10, 'claim'],
    [10.001, 'history'],
  ] as const) {
    it(`asks for a ${first} first with a message that is ${seconds} s old`, async () => {
      const {deliver, ledger} = createCounted()
      const [history, claim] = [sinon.spy(ledger.history), sinon.spy(ledger.claim)]
      const publishTime = new Date(now - seconds * 1000).toISOString()
      await deliver({attributes, publishTime}, {ledger: {history, claim}})
      assert.deepEqual([history.callCount, claim.callCount], [first === 'claim' ? 0 : 1, 1])
    })
  }

  for (const given of [
    {part: '2'},
    {trigger: 'replay'},
    {checkedAttempt: '1'},
    {endedAttempt: '1'},
    {CloudPubSubDeadLetterSourceSubscription: 'cloudact-manual-sample'},
  ]) {
    it(`is no message with ${Object.keys(given)[0]}: that reads first`, async () => {
      const {deliver, ledger} = createCounted()
      const order: string[] = []
      await deliver(
        {attributes: {...attributes, ...given}},
        {
          ledger: {
            history: runId => {
              order.push('history')
              return ledger.history(runId)
            },
            claim: (...args) => {
              order.push('claim')
              return ledger.claim(...args)
            },
          },
        },
      )
      assert.deepEqual(order, ['history', 'claim'])
    })
  }

  it('runs nothing where something decided the run before: that has attempt 1’s claim', async () => {
    const {deliver, ledger, run, history} = createCounted()
    await ledger.claim(ofRun({event: 'discarded'}))
    await deliver({attributes, messageId: 'm-2'})
    assert.deepEqual([run.callCount, history()], [0, ['discarded 1', 'duplicate 0']])
  })

  it('waits, where a claim’s row isn’t there yet, until a lease from its creation is over', async () => {
    for (const idempotent of [true, false]) {
      const {deliver, ledger, run, history} = createCounted({idempotent})
      const at = new Date(Date.now() - 30_000)
      const claim = async (entry: LedgerEntry, writer?: string): Promise<Claim> =>
        entry.attempt === 1 ? {kind: 'taken', at} : ledger.claim(entry, writer)
      const delivering = deliver({attributes}, {ledger: {claim}})
      await clock.tickAsync(89_000)
      assert.equal(run.callCount, 0)
      await clock.tickAsync(3000)
      await delivering
      assert.deepEqual([run.callCount, history()], [1, ['started 2', 'succeeded 2']])
    }
  })

  describe('of an idempotent job', () => {
    it('begins while the row of its claim is being written', async () => {
      const {deliver, run} = createCounted()
      const pending = Promise.withResolvers<void>()
      const claim = async (): Promise<Claim> => ({kind: 'claimed', written: pending.promise})
      await deliver({attributes}, {ledger: {claim}})
      assert.equal(run.callCount, 1)
      pending.resolve()
    })

    it('aborts when its claim became another one’s, and records nothing of its own', async () => {
      const lost = Promise.withResolvers<void>()
      const claim = async (): Promise<Claim> => ({kind: 'claimed', written: lost.promise})
      let reason: unknown
      const {deliver, ledger} = createDeliveryHarness({
        run: ({signal}) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reason = signal.reason
              reject(signal.reason)
            })
            lost.reject(new LostClaimError('attempt 1 was claimed elsewhere'))
          }),
      })
      await assert.rejects(deliver({attributes}, {ledger: {claim}}), {
        name: 'NotAcknowledgedError',
        message: 'attempt 1 was claimed elsewhere',
      })
      assert.match(String(reason), /claimed elsewhere/)
      assert.deepEqual(ledger.entries, [])
    })

    it('does not let a failure end the attempt of whoever has the claim now', async () => {
      const lost = Promise.withResolvers<void>()
      const claim = async (): Promise<Claim> => ({kind: 'claimed', written: lost.promise})
      const {deliver, ledger} = createDeliveryHarness({
        run: async () => {
          setTimeout(() => lost.reject(new LostClaimError('attempt 1 was claimed elsewhere')), 1000)
          throw new UnavailableError('down', {mayHaveExecuted: false})
        },
      })
      const delivering = assert.rejects(deliver({attributes}, {ledger: {claim}}), {message: /claimed elsewhere/})
      await clock.tickAsync(2000)
      await delivering
      assert.deepEqual(ledger.entries, [])
    })

    it('goes on when it is unknown whether its claim was written, and says so', async () => {
      const claim = async (): Promise<Claim> => ({
        kind: 'claimed',
        written: Promise.reject(new UnavailableError('BigQuery did not answer', {mayHaveExecuted: true})),
      })
      const {deliver, run, lines} = createCounted()
      await deliver({attributes}, {ledger: {claim}})
      assert.equal(run.callCount, 1)
      assert.ok(lines.includes('warn: the run ledger may not know of this attempt'))
    })
  })

  describe('of a job that isn’t idempotent', () => {
    it('waits for the row of its claim', async () => {
      const {deliver, run, ledger} = createCounted({idempotent: false})
      const row = Promise.withResolvers<void>()
      const claim = async (entry: LedgerEntry): Promise<Claim> => {
        await ledger.claim(entry)
        return {kind: 'claimed', written: row.promise}
      }
      const delivering = deliver({attributes}, {ledger: {claim}})
      await clock.tickAsync(1000)
      assert.equal(run.callCount, 0)
      row.resolve()
      await delivering
      assert.equal(run.callCount, 1)
    })

    it('claims the next attempt when another one got its claim after all', async () => {
      const {deliver, ledger, run, history} = createCounted({idempotent: false})
      const claim = async (entry: LedgerEntry, writer?: string): Promise<Claim> => {
        if (entry.attempt > 1) return ledger.claim(entry, writer)
        ledger.entries.push(ofRun({messageId: 'other'}), ofRun({messageId: 'other', event: 'failed'}))
        return {kind: 'claimed', written: Promise.reject(new LostClaimError('claimed elsewhere'))}
      }
      await deliver({attributes}, {ledger: {claim}})
      assert.deepEqual([run.callCount, history().slice(2)], [1, ['started 2', 'succeeded 2']])
    })
  })
})
