import assert from 'node:assert/strict'
import sinon from 'sinon'
import {isCancelled} from '../../../lib/delivery/cancellation.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {JobContext} from '../../../lib/job/job-context.ts'
import {continued, type Outcome, succeeded} from '../../../lib/job/outcome.ts'
import {createDeliveryHarness} from '../../support/delivery-harness.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const runId = 'sample@7'

describe('isCancelled', () => {
  const started = createEntry({at: '2026-11-23T08:00:00Z', messageId: 'm-1'})
  const of = (given: Parameters<typeof createEntry>[0]) =>
    isCancelled({history: async () => [started, createEntry({event: 'cancelled', ...given})]}, started)

  it('is so by the message, whatever the operator’s clock says, or by the time', async () => {
    assert.equal(await of({messageId: 'm-1', at: '2026-11-23T07:00:00Z'}), true)
    assert.equal(await of({messageId: 'm-2', at: '2026-11-23T08:00:01Z'}), true)
    assert.equal(await of({messageId: 'm-2', at: '2026-11-23T08:00:00Z'}), true)
  })

  it('isn’t so by a cancellation of before, or by anything else', async () => {
    assert.equal(await of({messageId: 'm-2', at: '2026-11-23T07:59:59Z'}), false)
    assert.equal(await of({messageId: 'm-1', at: '2026-11-23T09:00:00Z', event: 'progress'}), false)
    assert.equal(await isCancelled({history: async () => []}, started), false)
  })
})

describe('a run that is cancelled while it works', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({now: Date.UTC(2026, 10, 23, 8)})
  })
  afterEach(() => clock.restore())

  /** Goes on until it is to start nothing new, and says then how far it came. */
  const untilWindDown =
    (outcome: () => Outcome) =>
    async ({windDown}: JobContext<Record<string, unknown>>): Promise<Outcome> => {
      await new Promise(resolve => windDown.addEventListener('abort', resolve))
      return outcome()
    }
  const cancelled = (at: Date) =>
    createEntry({runId, job: 'sample', event: 'cancelled', attempt: 0, at: at.toISOString()})
  const longJob = (given: object) => createSampleJob({...given, continues: true})

  it('starts nothing new from its next heartbeat on, is over as cancelled, and no further part follows', async () => {
    const run = untilWindDown(() => continued('3 of 9 done', {org: 'acme'}, {done: 3}))
    const harness = createDeliveryHarness({run, job: longJob})
    const delivering = harness.deliver({attributes: {runId}})
    await clock.tickAsync(10_000)
    harness.ledger.entries.push(cancelled(new Date()))
    await clock.tickAsync(40_000)
    await delivering
    assert.partialDeepStrictEqual(harness.ledger.entries.at(-1), {
      event: 'cancelled',
      attempt: 1,
      summary: '3 of 9 done',
      counts: {done: 3},
    })
    assert.deepEqual(harness.published, [])
    assert.ok(harness.lines.some(line => line.includes('sample cancelled in') && line.includes('3 of 9 done')))
  })

  it('has succeeded where nothing was left to do', async () => {
    const harness = createDeliveryHarness({run: untilWindDown(() => succeeded('all done')), job: longJob})
    const delivering = harness.deliver({attributes: {runId}})
    harness.ledger.entries.push(cancelled(new Date(Date.now() + 1)))
    await clock.tickAsync(45_000)
    await delivering
    assert.equal(harness.ledger.entries.at(-1)?.event, 'succeeded')
  })

  it('goes on as another message where it can’t be read whether it was cancelled', async () => {
    const down = () => Promise.reject(new UnavailableError('down', {mayHaveExecuted: false}))
    const harness = createDeliveryHarness({run: async () => continued('half', {org: 'acme'}), job: longJob})
    await harness.deliver({attributes: {runId}}, {ledger: {history: down}})
    assert.equal(harness.ledger.entries.at(-1)?.event, 'continued')
    assert.partialDeepStrictEqual(harness.published, [{topic: harness.job.topic, attributes: {part: '2', runId}}])
  })
})
