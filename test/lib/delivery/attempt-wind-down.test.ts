import assert from 'node:assert/strict'
import sinon from 'sinon'
import type {JobContext} from '../../../lib/job/job-context.ts'
import {type Outcome, succeeded} from '../../../lib/job/outcome.ts'
import {createDeliveryHarness, type HarnessOptions} from '../../support/delivery-harness.ts'

describe('executeAttempt, for a job that goes on in parts', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({now: Date.UTC(2026, 10, 23, 8)})
  })
  afterEach(() => clock.restore())

  /** The seconds after which the two signals fire, for a job that waits for both. */
  async function firingTimes(options: HarnessOptions, stopAfterSeconds?: number) {
    const fired: Record<string, number> = {}
    const begun = Date.now()
    const run = async ({signal, windDown}: JobContext<Record<string, unknown>>): Promise<Outcome> => {
      const waitFor = (name: string, which: AbortSignal) =>
        new Promise<void>(resolve =>
          which.addEventListener('abort', () => {
            fired[name] = (Date.now() - begun) / 1000
            resolve()
          }),
        )
      await Promise.all([waitFor('windDown', windDown), waitFor('signal', signal)])
      return succeeded('told twice')
    }
    const stop = new AbortController()
    if (stopAfterSeconds !== undefined) setTimeout(() => stop.abort(), stopAfterSeconds * 1000)
    const delivering = createDeliveryHarness({...options, run}).deliver({}, {stop: stop.signal})
    await clock.tickAsync(600_000)
    await delivering
    return fired
  }

  it('tells it a minute before its signal, as long as a call of the API may take', async () => {
    assert.deepEqual(await firingTimes({}), {windDown: 450, signal: 510})
  })

  it('keeps the proportion where the time limit is short', async () => {
    assert.deepEqual(await firingTimes({environment: {jobTimeoutSeconds: 9}}), {windDown: 7.1, signal: 8.1})
  })

  it('tells it with its signal when the instance is told to stop', async () => {
    assert.deepEqual(await firingTimes({}, 5), {windDown: 5, signal: 5})
  })

  it('repeats no arguments in its signs of life: a continuation may be long', async () => {
    const run = async ({progress}: JobContext<Record<string, unknown>>): Promise<Outcome> => {
      progress({done: 1, total: 2})
      await new Promise(resolve => setTimeout(resolve, 6000))
      return succeeded('done')
    }
    const {deliver, ledger} = createDeliveryHarness({run})
    const delivering = deliver({data: JSON.stringify({org: 'acme_inc'})})
    await clock.tickAsync(10_000)
    await delivering
    const args = ledger.entries.map(entry => [entry.event, Object.keys(entry.args).length])
    assert.deepEqual(args, [
      ['started', 1],
      ['progress', 0],
      ['succeeded', 1],
    ])
  })

  it('leaves no timer behind', async () => {
    const delivering = createDeliveryHarness({run: async () => succeeded('at once')}).deliver({})
    await clock.tickAsync(10)
    await delivering
    assert.equal(clock.countTimers(), 0)
  })
})
