import assert from 'node:assert/strict'
import sinon from 'sinon'
import {InterruptedError} from '../../../lib/errors/interrupted-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {JobContext} from '../../../lib/job/job-context.ts'
import {type Outcome, succeeded} from '../../../lib/job/outcome.ts'
import {createDeliveryHarness, type HarnessOptions} from '../../support/delivery-harness.ts'

type Context = JobContext<Record<string, unknown>>

/** Works until its signal fires, as a job does that can't go on as another message. */
const untilAborted = ({signal}: Context): Promise<Outcome> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

/** Works so long. */
const during = (seconds: number) => async (): Promise<Outcome> => {
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
  return succeeded('done')
}

describe('executeAttempt', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({now: Date.UTC(2026, 10, 23, 8)})
  })
  afterEach(() => clock.restore())

  /** Delivers a message and goes on until so many seconds later. */
  async function deliverFor(seconds: number, options: HarnessOptions, stop?: AbortSignal) {
    const harness = createDeliveryHarness(options)
    const delivering = harness.deliver({attributes: {runId: 'sample@7'}}, stop === undefined ? {} : {stop}).then(
      () => undefined,
      (error: Error) => error,
    )
    await clock.tickAsync(seconds * 1000)
    return {...harness, error: await delivering}
  }

  it('fires the signal 30 s before the function’s own timeout, and that may pass', async () => {
    let firedAfter = 0
    const run = (context: Context) => {
      context.signal.addEventListener('abort', () => {
        firedAfter = Date.now() - Date.UTC(2026, 10, 23, 8)
      })
      return untilAborted(context)
    }
    const {error, ledger} = await deliverFor(600, {run})
    assert.equal(firedAfter, 510_000)
    assert.match(error?.message ?? '', /^the time was up after 510 s$/)
    assert.partialDeepStrictEqual(ledger.entries.at(-1), {event: 'failed', error: {name: 'InterruptedError'}})
  })

  it('leaves a tenth of a short time limit to hand over', async () => {
    const {error} = await deliverFor(20, {run: untilAborted, environment: {jobTimeoutSeconds: 20}})
    assert.equal(error?.message, 'the time was up after 18 s')
  })

  it('fires the signal when the instance is told to stop, with its reason', async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(new InterruptedError('the instance was told to stop')), 3000)
    const {error, ledger} = await deliverFor(4, {run: untilAborted}, stop.signal)
    assert.equal(error?.name, 'NotAcknowledgedError')
    assert.partialDeepStrictEqual(ledger.entries.at(-1)?.error, {
      name: 'InterruptedError',
      message: 'the instance was told to stop',
      disposition: 'transient',
    })
  })

  it('sets aside with an unknown outcome what was stopped and may not be repeated', async () => {
    const {error, notes} = await deliverFor(600, {run: untilAborted, idempotent: false})
    assert.equal(error, undefined)
    assert.partialDeepStrictEqual(notes(), [{kind: 'unknown outcome', error: 'InterruptedError'}])
  })

  it('delivers again what was stopped before its first request, whatever it is', async () => {
    const run = async () => {
      throw new InterruptedError('no time left', {mayHaveExecuted: false})
    }
    const {error, notes} = await deliverFor(1, {run, idempotent: false})
    assert.deepEqual([error?.name, notes()], ['NotAcknowledgedError', []])
  })

  it('extends the lease before it is over, as long as the run works', async () => {
    const {ledger} = await deliverFor(401, {run: during(400)})
    const signs = ledger.entries.filter(({event}) => event === 'started' || event === 'progress')
    for (const [index, sign] of signs.entries()) {
      const next = signs[index + 1]?.at ?? ledger.entries.at(-1)?.at
      assert.ok(next !== undefined && sign.leaseUntil !== undefined && sign.leaseUntil > next, `sign ${index}`)
    }
    assert.ok(signs.length >= 9 && signs.length <= 13, `${signs.length} signs of life`)
  })

  it('writes how far it is at most every 5 s, and the latest', async () => {
    const run = async ({progress}: Context) => {
      for (let done = 1; done <= 100; done += 1) {
        progress({done, total: 100})
        await new Promise(resolve => setTimeout(resolve, 120))
      }
      return succeeded('done')
    }
    const {ledger} = await deliverFor(13, {run})
    const counts = ledger.entries.filter(({event}) => event === 'progress').map(entry => entry.counts)
    assert.deepEqual(counts, [
      {done: 42, total: 100},
      {done: 84, total: 100},
    ])
  })

  it('goes on when a sign of life can’t be written, and tries again', async () => {
    const record = sinon.fake.rejects(new UnavailableError('down', {mayHaveExecuted: true}))
    const harness = createDeliveryHarness({run: during(100)})
    const delivering = assert.rejects(
      harness.deliver({}, {ledger: {record}}),
      /^NotAcknowledgedError: succeeded, but down/,
    )
    await clock.tickAsync(101_000)
    await delivering
    assert.equal(harness.lines.filter(line => line.includes('no heartbeat')).length, 2)
  })

  it('ends an attempt in the ledger only when its last heartbeat is there', async () => {
    const harness = createDeliveryHarness({run: during(41)})
    const {record} = harness.ledger
    const slowly: typeof record = async entry => {
      if (entry.event === 'progress') await new Promise(resolve => setTimeout(resolve, 10_000))
      await record(entry)
    }
    const delivering = harness.deliver({}, {ledger: {record: slowly}})
    await clock.tickAsync(41_000)
    assert.deepEqual(harness.history(), ['started 1'])
    await clock.tickAsync(10_000)
    await delivering
    assert.deepEqual(harness.history(), ['started 1', 'progress 1', 'succeeded 1'])
  })

  it('leaves no timer behind', async () => {
    await deliverFor(2, {run: during(1)})
    assert.equal(clock.countTimers(), 0)
  })
})
