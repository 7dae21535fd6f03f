import assert from 'node:assert/strict'
import {gzipSync} from 'node:zlib'
import sinon from 'sinon'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {JobContext} from '../../../lib/job/job-context.ts'
import {type Outcome, succeeded} from '../../../lib/job/outcome.ts'
import {createDeliveryHarness, type HarnessOptions} from '../../support/delivery-harness.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const runId = 'sample@7'
const down = async () => {
  throw new UnavailableError('the ledger is down', {mayHaveExecuted: true})
}

/** Fails the first time in a way of its own, and succeeds after that. */
function createFailing(error: Error, options: HarnessOptions = {}) {
  const run = sinon.stub<[JobContext<Record<string, unknown>>], Promise<Outcome>>()
  run.onFirstCall().rejects(error)
  run.resolves(succeeded('done'))
  const harness = createDeliveryHarness({run, ...options})
  /** The last dead letter, as somebody publishes it again. */
  const letter = () => {
    const last = harness.published.at(-1)
    assert.ok(last !== undefined)
    return {data: last.data, attributes: last.attributes}
  }
  return {...harness, run, letter}
}

describe('a dead letter that was published to its topic by hand', () => {
  it('is a replay of its run: one replay more, by hand, with its arguments', async () => {
    const {deliver, run, letter, ledger, history} = createFailing(new RejectedError('no', {status: 400, detail: 'no'}))
    await deliver({attributes: {runId, requestedBy: 'alice'}, data: '{"org":"acme"}'})
    await deliver({...letter(), messageId: 'm-2'})
    assert.deepEqual(run.secondCall.args[0].args, {org: 'acme'})
    assert.deepEqual(history(), ['started 1', 'failed 1', 'started 2', 'succeeded 2'])
    assert.partialDeepStrictEqual(ledger.entries.at(-1), {runId, trigger: 'replay', requestedBy: 'by hand'})
  })

  it('counts its replays', async () => {
    const {deliver, run, letter, notes} = createFailing(new RejectedError('no', {status: 400, detail: 'no'}))
    run.onSecondCall().rejects(new RejectedError('no', {status: 400, detail: 'no'}))
    await deliver({attributes: {runId}})
    await deliver({...letter(), messageId: 'm-2'})
    assert.deepEqual(
      notes().map(note => note?.replays),
      [0, 1],
    )
  })

  it('runs once, however often its message comes', async () => {
    const {deliver, run, letter} = createFailing(new RejectedError('no', {status: 400, detail: 'no'}))
    await deliver({attributes: {runId}})
    const message = {...letter(), messageId: 'm-2'}
    await deliver(message)
    await deliver(message)
    assert.equal(run.callCount, 2)
  })

  it('is a dead letter again when the outcome is unknown, with the one attribute that says it was checked', async () => {
    const {deliver, run, letter, notes} = createFailing(new UnavailableError('no answer', {mayHaveExecuted: true}), {
      idempotent: false,
    })
    await deliver({attributes: {runId}})
    await deliver({...letter(), messageId: 'm-2'})
    assert.equal(run.callCount, 1)
    assert.partialDeepStrictEqual(notes()[1], {kind: 'unknown outcome', attempt: 1, replays: 1})
    const {data, attributes} = letter()
    await deliver({data, attributes: {...attributes, checkedAttempt: '1'}, messageId: 'm-3'})
    assert.equal(run.callCount, 2)
  })

  it('is a dead letter again also where only its note says that the outcome is unknown', async () => {
    const {deliver, run, letter, notes, ledger} = createFailing(
      new UnavailableError('no answer', {mayHaveExecuted: true}),
      {idempotent: false},
    )
    await deliver({attributes: {runId}})
    ledger.entries.splice(0)
    await deliver({...letter(), messageId: 'm-2'})
    assert.equal(run.callCount, 1)
    assert.partialDeepStrictEqual(notes()[1], {kind: 'unknown outcome', attempt: 1})
  })

  it('runs when its note proves that nothing was executed, though the ledger missed that', async () => {
    const {deliver, run, letter, notes, history} = createFailing(
      new UnavailableError('connection refused', {mayHaveExecuted: false}),
      {idempotent: false},
    )
    await deliver({attributes: {runId}}, {ledger: {record: down}})
    assert.partialDeepStrictEqual(notes(), [{kind: 'exhausted', attempt: 1, error: 'UnavailableError'}])
    assert.match(
      notes()[0]?.reason ?? '',
      /^connection refused\. Nothing was executed, but the run ledger could not be/,
    )
    assert.deepEqual(history(), ['started 1'])
    await deliver({...letter(), messageId: 'm-2'})
    assert.deepEqual([run.callCount, history()], [2, ['started 1', 'started 2', 'succeeded 2']])
  })

  it('is unpacked where its data was compressed, and packed once when it fails again', async () => {
    const {deliver, run, letter, published} = createFailing(new RejectedError('no', {status: 400, detail: 'no'}))
    run.onSecondCall().rejects(new RejectedError('no', {status: 400, detail: 'no'}))
    await deliver({attributes: {runId}, data: '{"org":"acme"}'})
    const {attributes} = letter()
    const compressed = {data: gzipSync('{"org":"acme"}'), attributes: {...attributes, 'deadLetter-encoding': 'gzip'}}
    await deliver({...compressed, messageId: 'm-2'})
    assert.deepEqual(run.secondCall.args[0].args, {org: 'acme'})
    assert.equal(published.at(-1)?.data.toString(), '{"org":"acme"}')
    assert.equal(published.at(-1)?.attributes['deadLetter-encoding'], undefined)
  })

  it('stays a dead letter that counts its replays where nobody can read it', async () => {
    const {deliver, run, letter, notes} = createFailing(new Error('never'))
    await deliver({attributes: {runId}, data: 'no JSON'})
    await deliver({...letter(), messageId: 'm-2'})
    assert.equal(run.callCount, 0)
    assert.deepEqual(
      notes().map(note => [note?.kind, note?.replays]),
      [
        ['unreadable', 0],
        ['unreadable', 1],
      ],
    )
  })

  it('does nothing without its note, and says what works', async () => {
    const {deliver, run, letter, ledger, lines} = createFailing(new RejectedError('no', {status: 400, detail: 'no'}))
    await deliver({attributes: {runId}})
    const {data, attributes} = letter()
    const own = Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.startsWith('deadLetter-')))
    await deliver({data, attributes: own, messageId: 'm-2'})
    assert.equal(run.callCount, 1)
    const text =
      'message m-2 did nothing: run sample@7 has failed already; to run it again: npm run replay -- <env> message-1, or publish its dead letter with all attributes, deadLetter-… included'
    assert.partialDeepStrictEqual(ledger.entries.at(-1), {event: 'duplicate', attempt: 0, summary: text})
    assert.ok(lines.includes(`info: ${text}`))
  })
})

describe('a message that Pub/Sub moved, published to its topic by hand', () => {
  const moved = {
    CloudPubSubDeadLetterSourceDeliveryCount: '10',
    CloudPubSubDeadLetterSourceSubscription: 'cloudact-daily-sample',
    CloudPubSubDeadLetterSourceSubscriptionProject: 'cloudact-testing-1',
    CloudPubSubDeadLetterSourceTopicPublishTime: '2026-11-23T08:00:01.000+00:00',
  }
  const daily: NonNullable<HarnessOptions['job']> = given =>
    createSampleJob({path: 'functions/daily/sample.ts', schedule: '0 8 * * *', missed: 'each', ...given})

  it('is a replay of its slot’s run', async () => {
    const {deliver, ledger} = createDeliveryHarness({job: daily, idempotent: false})
    await deliver({attributes: {...moved, trigger: 'schedule'}, publishTime: '2026-11-25T10:00:00Z', messageId: 'm-2'})
    assert.partialDeepStrictEqual(ledger.entries.at(-1), {
      runId: 'daily-sample@2026-11-23T08:00Z',
      event: 'succeeded',
      trigger: 'replay',
      requestedBy: 'by hand',
    })
  })

  it('waits for a check where its first run id is lost and it may not be repeated', async () => {
    for (const given of [{data: '{"org":"acme"}'}, {attributes: {trigger: 'manual'}}]) {
      const attributes = {...moved, ...('attributes' in given ? given.attributes : {})}
      const data = 'data' in given ? given.data : '{}'
      const {deliver, history, notes} = createDeliveryHarness({job: daily, idempotent: false})
      await deliver({attributes, data})
      assert.deepEqual(history(), ['failed 1'])
      assert.partialDeepStrictEqual(notes(), [{kind: 'unknown outcome', attempt: 1}])
      await deliver({attributes: {...attributes, checkedAttempt: '1'}, data, messageId: 'm-2'})
      assert.deepEqual(history().slice(1), ['started 2', 'succeeded 2'])
    }
  })

  it('runs at once where it may be repeated', async () => {
    const {deliver, history} = createDeliveryHarness()
    await deliver({attributes: moved})
    assert.deepEqual(history(), ['started 2', 'succeeded 2'])
  })
})
