import assert from 'node:assert/strict'
import sinon from 'sinon'
import {outcomeFields} from '../../../lib/delivery/end-entry.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {degraded, failed, type Outcome, skipped, succeeded} from '../../../lib/job/outcome.ts'
import {createDeliveryHarness} from '../../support/delivery-harness.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'

const errorsOf = (count: number) => Array.from({length: count}, (_, index) => `error ${index + 1}`)

describe('outcomeFields', () => {
  it('has an error only of what went wrong', () => {
    assert.equal(outcomeFields(succeeded('done')).error, undefined)
    assert.equal(outcomeFields(skipped('not needed')).error, undefined)
    for (const outcome of [failed('no', {}, {errors: ['a']}), degraded('half', {}, {errors: ['a']})]) {
      assert.partialDeepStrictEqual(outcomeFields(outcome).error, {name: 'JobFailed', details: ['a']})
    }
  })

  it('keeps 200 errors, and counts the rest', () => {
    const details = (count: number) => outcomeFields(failed('no', {}, {errors: errorsOf(count)})).error?.details
    assert.deepEqual(details(200), errorsOf(200))
    assert.deepEqual(details(202), [...errorsOf(200), 'and 2 more'])
  })

  it('says its warnings below the summary', () => {
    const outcome: Outcome = {...succeeded('done'), warnings: ['low on quota', 'slow']}
    assert.equal(outcomeFields(outcome).summary, 'done\nWarning: low on quota\nWarning: slow')
  })
})

describe('an attempt’s closing line', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({now: Date.UTC(2026, 10, 23, 8)})
  })
  afterEach(() => clock.restore())

  async function closing(run: () => Promise<Outcome>) {
    const harness = createDeliveryHarness({
      async run() {
        clock.tick(1500)
        return run()
      },
    })
    await harness.deliver({attributes: {runId: 'sample@7'}}).catch(() => undefined)
    const record = harness.records.find(({data}) => 'outcome' in data)
    return {record, end: harness.ledger.entries.at(-1)}
  }

  it('has the duration, as the ledger does, and the counts', async () => {
    const {record, end} = await closing(async () => succeeded('done', {done: 3}))
    assert.equal(end?.durationMilliseconds, 1500)
    assert.partialDeepStrictEqual(record, {level: 'info', message: 'sample succeeded in 1.5 s: done'})
    assert.deepEqual(record?.data, {outcome: 'succeeded', durationMilliseconds: 1500, delivery: 1, counts: {done: 3}})
  })

  it('is a warning where a part failed, with what failed', async () => {
    const {record} = await closing(async () => degraded('half', {done: 3}, {errors: ['a broke']}))
    assert.partialDeepStrictEqual(record, {level: 'warn', data: {errors: ['a broke']}})
  })

  it('is an error where it failed, with its cause, and no counts of what was never counted', async () => {
    const cause = new UnavailableError('the API is down', {mayHaveExecuted: false})
    const {record} = await closing(() => Promise.reject(cause))
    assert.partialDeepStrictEqual(record, {level: 'error', message: 'sample failed in 1.5 s: the API is down'})
    assert.equal(record?.error, cause)
    assert.equal('counts' in (record?.data ?? {}), false)
  })
})

describe('another delivery of a run that is over', () => {
  async function duplicate(end: Parameters<typeof createEntry>[0]) {
    const harness = createDeliveryHarness()
    const of = {runId: 'sample@7', job: 'sample'}
    harness.ledger.entries.push(createEntry(of), createEntry({...of, ...end}))
    await harness.deliver({attributes: {runId: 'sample@7'}, messageId: 'm-2'})
    return harness.ledger.entries.at(-1)?.summary
  }
  const again = 'publish its dead letter with all attributes, deadLetter-… included'

  for (const [event, text] of [
    ['succeeded', 'run sample@7 has succeeded already'],
    ['degraded', 'run sample@7 has degraded already'],
    ['cancelled', 'run sample@7 has been cancelled already'],
    ['discarded', `run sample@7 has been discarded already; to run it again: ${again}`],
  ] as const) {
    it(`says that it did nothing, since the run was ${event}, and how to run it again where that works`, async () => {
      assert.equal(await duplicate({event}), `message m-2 did nothing: ${text}`)
    })
  }

  it('names the command that replays its dead letter', async () => {
    assert.equal(
      await duplicate({event: 'failed', error: createFinalError('permanent', '77')}),
      `message m-2 did nothing: run sample@7 has failed already; to run it again: npm run replay -- <env> 77, or ${again}`,
    )
  })
})
