import assert from 'node:assert/strict'
import sinon from 'sinon'
import {LostClaimError} from '../../../lib/errors/lost-claim-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {succeeded} from '../../../lib/job/outcome.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createDeliveryHarness, type HarnessOptions} from '../../support/delivery-harness.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const runId = 'sample@7'
const attributes = {runId}
const start = Date.UTC(2026, 10, 23, 8)
const ofRun = (given: Parameters<typeof createEntry>[0]): LedgerEntry =>
  createEntry({runId, job: 'sample', at: new Date(start).toISOString(), ...given})

describe('a delivery that does not get its claim', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({now: start})
  })
  afterEach(() => clock.restore())

  function createCounted(options: HarnessOptions = {}) {
    const run = sinon.fake(async () => succeeded('done'))
    return {run, ...createDeliveryHarness({run, ...options})}
  }
  const replay = {...attributes, trigger: 'replay'}

  it('executes as soon as a lease that was nearly over is over', async () => {
    const {run, deliver, ledger, lines} = createCounted()
    ledger.entries.push(ofRun({messageId: 'other', leaseUntil: new Date(start + 500)}))
    const delivering = deliver({attributes: replay})
    await clock.tickAsync(499)
    assert.equal(run.callCount, 0)
    await clock.tickAsync(3)
    assert.equal(run.callCount, 1)
    await delivering
    assert.ok(lines.includes('info: run sample@7 is being executed elsewhere, waiting until 2026-11-23T08:00:00.500Z'))
  })

  it('waits for one of which the ledger has no row, though it has earlier ones', async () => {
    const {run, deliver, ledger, lines, history} = createCounted()
    const passing = {...createFinalError(undefined), disposition: 'transient' as const}
    ledger.entries.push(ofRun({}), ofRun({event: 'failed', error: passing}))
    let claims = 0
    const claim: typeof ledger.claim = async (entry, writer) => {
      claims += 1
      return claims === 1 ? {kind: 'taken', at: new Date(start)} : ledger.claim(entry, writer)
    }
    const delivering = deliver({attributes: replay}, {ledger: {claim}})
    await clock.tickAsync(119_000)
    assert.deepEqual([run.callCount, claims], [0, 1])
    assert.ok(lines.includes('info: attempt 2 was claimed elsewhere'))
    await clock.tickAsync(3000)
    await delivering
    assert.equal(run.callCount, 1)
    assert.deepEqual(history().slice(-2), ['started 3', 'succeeded 3'])
  })

  it('finds a run finished, or being executed, though it lost a claim of which there is no row', async () => {
    const lost = async () => ({kind: 'taken' as const, at: new Date(start - 3_600_000)})
    const finished = createCounted()
    finished.ledger.entries.push(ofRun({attempt: 5, event: 'succeeded'}))
    const justLost = async () => ({kind: 'taken' as const, at: new Date(start)})
    for (const claim of [lost, justLost]) {
      await finished.deliver({attributes}, {ledger: {claim}})
      assert.deepEqual([finished.run.callCount, finished.ledger.entries.at(-1)?.event], [0, 'duplicate'])
    }

    const running = createCounted()
    running.ledger.entries.push(ofRun({attempt: 5, leaseUntil: new Date(start + 60_000)}))
    const delivering = running.deliver({attributes}, {ledger: {claim: lost}}).catch((error: Error) => error.message)
    await clock.tickAsync(30_000)
    assert.equal(running.run.callCount, 0)
    running.ledger.entries.push(ofRun({attempt: 5, event: 'succeeded'}))
    await clock.tickAsync(3000)
    assert.equal(await delivering, undefined)
    assert.equal(running.run.callCount, 0)
  })

  it('closes nothing where it is certain that nothing was claimed, and hides no bug', async () => {
    for (const [error, thrown] of [
      [new UnavailableError('refused', {mayHaveExecuted: false}), 'NotAcknowledgedError'],
      [new TypeError('a bug'), 'TypeError'],
    ] as const) {
      const {run, deliver} = createCounted({idempotent: false})
      const claim = sinon.fake(() => Promise.reject(error))
      await assert.rejects(deliver({attributes}, {ledger: {claim}}), {name: thrown})
      assert.deepEqual([run.callCount, claim.callCount], [0, 1])
    }
  })

  it('executes part 3 only after part 2, whatever became of part 1', async () => {
    const job = (given: object) => createSampleJob({...given, continues: true})
    const {run, deliver, ledger} = createCounted({idempotent: false, job})
    ledger.entries.push(ofRun({}), ofRun({event: 'continued'}))
    const third = {attributes: {...attributes, part: '3'}}
    await assert.rejects(deliver(third), /part 2 of run sample@7 isn't known to have ended/)
    ledger.entries.push(ofRun({attempt: 2, part: 2}), ofRun({attempt: 2, part: 2, event: 'continued'}))
    await deliver(third)
    assert.equal(run.callCount, 1)
  })

  it('does not take a success for its own where its claim became another one’s', async () => {
    const {deliver, ledger, history} = createCounted({
      async run() {
        await clock.tickAsync(1)
        return succeeded('done')
      },
    })
    const written = Promise.reject(new LostClaimError('attempt 1 was claimed elsewhere'))
    written.catch(() => undefined)
    const claim = async (entry: LedgerEntry) => {
      ledger.entries.push(entry)
      return {kind: 'claimed' as const, written}
    }
    await assert.rejects(deliver({attributes}, {ledger: {claim}}), {
      name: 'NotAcknowledgedError',
      message: 'attempt 1 was claimed elsewhere',
    })
    assert.deepEqual(history(), ['started 1'])
  })

  it('begins nothing where the instance was told to stop while it claimed', async () => {
    const {run, deliver, ledger} = createCounted()
    const stop = new AbortController()
    const claim: typeof ledger.claim = async (entry, writer) => {
      stop.abort(new Error('stopping'))
      return ledger.claim(entry, writer)
    }
    await assert.rejects(deliver({attributes}, {ledger: {claim}, stop: stop.signal}), {name: 'NotAcknowledgedError'})
    assert.equal(run.callCount, 0)
    assert.equal(ledger.entries.at(-1)?.error?.message, 'nothing was executed: the instance is being stopped')
  })

  it('says in its lines that no ledger knows of its attempt', async () => {
    const {deliver, records} = createCounted()
    const claim = () => Promise.reject(new UnavailableError('down', {mayHaveExecuted: true}))
    await deliver({attributes}, {ledger: {claim}}).catch(() => undefined)
    assert.ok(records.some(({labels}) => labels['attempt'] === 'unrecorded'))
  })
})

describe('a claim that was given up', () => {
  const lost = async () => {
    throw new LostClaimError('attempt 1 was claimed elsewhere')
  }

  it('is closed by the next delivery once, and by no later one', async () => {
    const run = sinon.fake(async () => succeeded('done'))
    const {deliver, ledger} = createDeliveryHarness({run, idempotent: false})
    let isDown = true
    const claim = sinon.fake(async (entry: LedgerEntry, writer?: string) => {
      if (isDown) throw new UnavailableError('down', {mayHaveExecuted: true})
      return ledger.claim(entry, writer)
    })
    const broken = {ledger: {claim}}
    await assert.rejects(deliver({attributes}, broken), {name: 'NotAcknowledgedError'})
    isDown = false
    await deliver({attributes: {...attributes}, messageId: 'm-2'}, broken)
    const claims = claim.callCount
    await deliver({attributes: {...attributes, trigger: 'replay'}, messageId: 'm-3'}, broken)
    assert.equal(claim.callCount, claims)
    assert.equal(run.callCount, 1)
  })

  it('is forgotten where it was another one’s after all', async () => {
    const {deliver, lines} = createDeliveryHarness({idempotent: false})
    let claims = 0
    const claim = async () => {
      claims += 1
      if (claims === 1) throw new UnavailableError('down', {mayHaveExecuted: true})
      return lost()
    }
    await assert.rejects(deliver({attributes}, {ledger: {claim}}), {name: 'NotAcknowledgedError'})
    assert.equal(claims, 2)
    assert.ok(!lines.some(line => line.includes('was given up, and the run ledger could not be updated')))
  })

  it('is named where it could not be closed', async () => {
    const {deliver, lines} = createDeliveryHarness({idempotent: false})
    const claim = () => Promise.reject(new UnavailableError('down', {mayHaveExecuted: true}))
    await assert.rejects(deliver({attributes}, {ledger: {claim}}), {name: 'NotAcknowledgedError'})
    assert.ok(lines.includes('warn: attempt 1 was given up, and the run ledger could not be updated'))
  })
})
