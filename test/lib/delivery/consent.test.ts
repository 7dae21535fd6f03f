import assert from 'node:assert/strict'
import sinon from 'sinon'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {succeeded} from '../../../lib/job/outcome.ts'
import {createDeliveryHarness} from '../../support/delivery-harness.ts'
import {createEntry} from '../../support/ledger-entry.ts'

const runId = 'sample@7'
const replay = {runId, trigger: 'replay', replays: '1'}
const unclear = async () => {
  throw new UnavailableError('no answer', {mayHaveExecuted: true})
}

/** A run of a job that isn't idempotent, whose attempt 1 has an unknown outcome. */
function createUnclear(run: () => Promise<ReturnType<typeof succeeded>> = unclear) {
  const counted = sinon.fake(run)
  const harness = createDeliveryHarness({run: counted, idempotent: false})
  const error = {
    name: 'UnavailableError',
    message: 'no answer',
    details: [],
    disposition: 'ambiguous' as const,
    kind: 'unknown outcome' as const,
  }
  harness.ledger.entries.push(
    createEntry({runId, job: 'sample'}),
    createEntry({runId, job: 'sample', event: 'failed', error}),
  )
  return {...harness, run: counted}
}

describe('consent to an unknown outcome', () => {
  it('covers the attempt that it names, once: the next unknown outcome is a dead letter again', async () => {
    const {deliver, run, notes} = createUnclear()
    const attributes = {...replay, checkedAttempt: '1'}
    await deliver({attributes, messageId: 'm-2'})
    assert.equal(run.callCount, 1)
    for (const messageId of ['m-2', 'm-3', 'm-4']) await deliver({attributes, messageId})
    assert.equal(run.callCount, 1)
    // Redelivered, m-2 finds that its own request ended as a dead letter.
    assert.deepEqual(
      notes().map(note => [note?.kind, note?.attempt, note?.messageId]),
      [
        ['unknown outcome', 2, 'm-2'],
        ['unknown outcome', 2, 'm-3'],
        ['unknown outcome', 2, 'm-4'],
      ],
    )
  })

  it('is one for both messages that one publication became', async () => {
    const {deliver, run, notes} = createUnclear()
    const attributes = {...replay, checkedAttempt: '1', requestId: 'r-1'}
    await deliver({attributes, messageId: 'm-2'})
    await deliver({attributes, messageId: 'm-3'})
    assert.deepEqual([run.callCount, notes().length], [1, 1])
  })

  it('does not cover an attempt that crashed while its twin waited', async () => {
    const clock = sinon.useFakeTimers({now: Date.UTC(2026, 10, 23, 9)})
    try {
      const {deliver, ledger, run, notes} = createUnclear()
      const leaseUntil = new Date(Date.UTC(2026, 10, 23, 9, 2))
      ledger.entries.push(
        createEntry({runId, job: 'sample', attempt: 2, messageId: 'm-2', requestId: 'r-1', leaseUntil}),
      )
      const delivering = deliver({attributes: {...replay, checkedAttempt: '1', requestId: 'r-1'}, messageId: 'm-3'})
      await clock.tickAsync(130_000)
      await delivering
      assert.equal(run.callCount, 0)
      assert.partialDeepStrictEqual(notes(), [{kind: 'unknown outcome', attempt: 2}])
    } finally {
      clock.restore()
    }
  })

  it('covers attempts before the one it names, and no number that it would use up itself', async () => {
    const {deliver, run, history} = createUnclear(async () => succeeded('sent'))
    await deliver({attributes: {...replay, checkedAttempt: '4'}, messageId: 'm-2'})
    assert.deepEqual([run.callCount, history().slice(2)], [1, ['started 5', 'succeeded 5']])
  })

  for (const attributes of [{}, {force: 'true'}, {checkedAttempt: '0'}]) {
    it(`is not given by ${JSON.stringify(attributes)}`, async () => {
      const {deliver, run, notes} = createUnclear()
      await deliver({attributes: {...replay, ...attributes}, messageId: 'm-2'})
      assert.equal(run.callCount, 0)
      assert.partialDeepStrictEqual(notes(), [{kind: 'unknown outcome', attempt: 1}])
    })
  }

  it('is named in the dead letter, and gone from its attributes, as is the request', async () => {
    const {deliver, published, notes} = createUnclear()
    const attributes = {...replay, checkedAttempt: '1', endedAttempt: '0', requestId: 'r-1', force: 'true', own: 'x'}
    await deliver({attributes, messageId: 'm-2'})
    const [deadLetter] = published
    const names = Object.keys(deadLetter?.attributes ?? {}).filter(name => !name.startsWith('deadLetter-'))
    assert.deepEqual(names.toSorted(), ['job', 'own', 'replays', 'runId', 'trigger'])
    assert.match(notes()[0]?.reason ?? '', /replay this dead letter with --force, or publish .* checkedAttempt=2\.$/)
    assert.equal(notes()[0]?.requestId, 'r-1')
  })
})

describe('attempts that are counted', () => {
  it('are those of both messages of one publication', async () => {
    const {deliver, ledger, notes} = createDeliveryHarness({
      run: async () => {
        throw new UnavailableError('down', {mayHaveExecuted: false})
      },
    })
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const given = {runId, job: 'sample', attempt, messageId: 'm-1', requestId: 'r-1'}
      ledger.entries.push(createEntry(given), createEntry({...given, event: 'failed'}))
    }
    await deliver({attributes: {runId, requestId: 'r-1'}, messageId: 'm-2'})
    assert.partialDeepStrictEqual(notes(), [{kind: 'exhausted', attempts: 5, attempt: 5}])
  })

  it('are not those that were given up before they began', async () => {
    const {deliver, ledger, notes} = createDeliveryHarness({
      run: async () => {
        throw new UnavailableError('down', {mayHaveExecuted: false})
      },
    })
    const error = {name: 'NotExecuted', message: 'nothing', details: [], disposition: 'transient' as const}
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const given = {runId, job: 'sample', attempt}
      ledger.entries.push(createEntry(given), createEntry({...given, event: 'failed', error}))
    }
    await assert.rejects(deliver({attributes: {runId}}), {name: 'NotAcknowledgedError'})
    assert.deepEqual(notes(), [])
  })
})
