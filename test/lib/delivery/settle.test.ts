import assert from 'node:assert/strict'
import sinon from 'sinon'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {continued, failed, succeeded} from '../../../lib/job/outcome.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createDeliveryHarness} from '../../support/delivery-harness.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const notAcknowledged = {name: 'NotAcknowledgedError'}
const attributes = {runId: 'sample@7'}
const down = async () => {
  throw new UnavailableError('down', {mayHaveExecuted: true})
}

describe('settle', () => {
  it('does not acknowledge a failure of a run that changes nothing where no ledger knows of it', async () => {
    const job = (given: object) => createSampleJob({...given, readOnly: () => true})
    const {deliver, published} = createDeliveryHarness({job, run: async () => failed('no')})
    const record = () => Promise.reject(new UnavailableError('down', {mayHaveExecuted: true}))
    await assert.rejects(deliver({}, {ledger: {record}}), {
      name: 'NotAcknowledgedError',
      message: 'a run that changes nothing failed, but down',
    })
    assert.deepEqual(published, [])
  })

  it('says of an attempt with an unknown outcome that it is unknown, and of one that never ended, that', async () => {
    const reasonAfter = async (...more: Parameters<typeof createEntry>[0][]) => {
      const {deliver, ledger, notes} = createDeliveryHarness({idempotent: false})
      const of = {runId: 'sample@7', job: 'sample', at: '2026-11-23T08:00:00Z'}
      ledger.entries.push(createEntry(of), ...more.map(given => createEntry({...of, ...given})))
      await deliver({attributes: {runId: 'sample@7', trigger: 'replay'}, messageId: 'm-2'})
      return notes().at(-1)?.reason ?? ''
    }
    assert.match(await reasonAfter(), /attempt 1 started at 2026-11-23T08:00:00.000Z and never ended/)
    const error = createFinalError('unknown outcome', '77')
    assert.match(
      await reasonAfter({event: 'failed', error}),
      /the outcome of attempt 1, which ended at 2026-[^,]+, is unknown, and this message does not say that it was checked/,
    )
  })

  it('records a failure of a run that changes nothing, for good, without a dead letter', async () => {
    for (const run of [
      async () => failed('refused'),
      async () => Promise.reject(new RejectedError('no', {status: 403, detail: 'no'})),
    ]) {
      const {deliver, published, history, ledger} = createDeliveryHarness({
        run,
        job: given => createSampleJob({...given, readOnly: () => true}),
      })
      await deliver({attributes})
      await deliver({attributes})
      assert.deepEqual(published, [])
      assert.deepEqual(history(), ['started 1', 'failed 1', 'duplicate 0'])
      assert.equal(ledger.entries[1]?.error?.kind, 'permanent')
      assert.equal(ledger.entries[1]?.error?.deadLetterId, undefined)
    }
  })

  describe('with a run that is continued', () => {
    const run = async () => continued('3 of 9 done', {org: 'next'}, {done: 3})

    it('publishes the rest as the next part of the same run before the ledger is told', async () => {
      const order: string[] = []
      const {deliver, published, ledger, job} = createDeliveryHarness({run})
      await deliver(
        {attributes: {...attributes, part: '2', trigger: 'replay', replays: '1', requestedBy: 'alice'}},
        {
          publisher: {
            async publish(topic, message) {
              order.push(`publish to ${topic}`)
              published.push({topic, ...message})
              return 'm-2'
            },
          },
          ledger: {
            async record(entry) {
              order.push(entry.event)
              return ledger.record(entry)
            },
          },
        },
      )
      assert.deepEqual(order, [`publish to ${job.topic}`, 'continued'])
      assert.equal(published[0]?.data.toString(), '{"org":"next"}')
      assert.deepEqual(published[0]?.attributes, {
        job: 'sample',
        runId: 'sample@7',
        trigger: 'replay',
        requestedBy: 'alice',
        part: '3',
        replays: '1',
      })
      assert.partialDeepStrictEqual(ledger.entries.at(-1), {event: 'continued', part: 2, counts: {done: 3}})
    })

    it('executes the next part, as the next attempt, and not this one again', async () => {
      const outcomes = [continued('half', {org: 'b'}), succeeded('all')]
      const {deliver, history} = createDeliveryHarness({run: async () => outcomes.shift() ?? failed('too often')})
      await deliver({attributes})
      await deliver({attributes: {...attributes, part: '2'}, messageId: 'm-2'})
      await deliver({attributes})
      assert.deepEqual(history(), ['started 1', 'continued 1', 'started 2', 'succeeded 2', 'duplicate 0'])
    })

    it('is a failure that may pass when the rest can’t be published', async () => {
      const {deliver, history, ledger} = createDeliveryHarness({run})
      await assert.rejects(deliver({attributes}, {publisher: {publish: down}}), notAcknowledged)
      assert.deepEqual(history(), ['started 1', 'failed 1'])
      assert.equal(ledger.entries.at(-1)?.error?.kind, undefined)
      await deliver({attributes})
      assert.deepEqual(history().slice(2), ['started 2', 'continued 2'])
    })

    it('sets aside a rest that the job’s own schema refuses', async () => {
      const {deliver, published, notes} = createDeliveryHarness({run: async () => continued('half', {orgs: 3})})
      await deliver({attributes})
      assert.equal(published.length, 1)
      assert.partialDeepStrictEqual(notes(), [
        {
          kind: 'permanent',
          reason: 'a bug, the job refuses its own next part: the arguments are wrong: Unrecognized key: "orgs"',
        },
      ])
    })
  })

  describe('when the dead letter can’t be published', () => {
    const publisher = {publish: down}

    it('does not acknowledge, and does not tell the ledger that there is one', async () => {
      const {deliver, history, ledger} = createDeliveryHarness({run: async () => failed('no')})
      await assert.rejects(deliver({attributes}, {publisher}), UnavailableError)
      assert.deepEqual(history(), ['started 1'])
      // It comes back when the lease is over, and is then set aside.
      ledger.entries[0] = {...started(ledger.entries[0]), leaseUntil: new Date(0)}
      await deliver({attributes})
      assert.deepEqual(history(), ['started 1', 'started 2', 'failed 2'])
    })

    it('does not acknowledge an unreadable message either', async () => {
      const {deliver, history} = createDeliveryHarness()
      await assert.rejects(deliver({data: 'garbage'}, {publisher}), UnavailableError)
      assert.deepEqual(history(), [])
    })

    it('does not acknowledge what has an unknown outcome either', async () => {
      const {deliver, history} = createDeliveryHarness({
        idempotent: false,
        run: async () => {
          throw new Error('a bug')
        },
      })
      await assert.rejects(deliver({attributes}, {publisher}), UnavailableError)
      assert.deepEqual(history(), ['started 1'])
    })
  })

  describe('when the ledger can’t be told of the end', () => {
    const broken = {ledger: {record: down}}

    it('does not acknowledge a run that is idempotent: it will be', async () => {
      const {deliver, published} = createDeliveryHarness()
      await assert.rejects(deliver({attributes}, broken), {...notAcknowledged, message: 'succeeded, but down'})
      assert.deepEqual(published, [])
    })

    it('sets one that may not be repeated aside, with how it ended', async () => {
      const {deliver, notes} = createDeliveryHarness({idempotent: false, job: withManualCheck})
      await deliver({attributes}, broken)
      assert.partialDeepStrictEqual(notes(), [
        {
          kind: 'unknown outcome',
          reason:
            'Outcome unknown: It ended as succeeded (nothing done), but the run ledger could not be updated: down. Look at the channels. To run it again: replay this dead letter with --force, or publish it with all its attributes and checkedAttempt=1.',
        },
      ])
    })

    it('acknowledges what is safe as a dead letter', async () => {
      const {deliver, notes, lines} = createDeliveryHarness({run: async () => failed('no')})
      await deliver({attributes}, broken)
      assert.partialDeepStrictEqual(notes(), [{kind: 'permanent'}])
      assert.ok(lines.includes('error: the dead letter is safe, but the run ledger does not know of it'))
    })

    it('does not acknowledge a failure that may pass, and says what the ledger misses', async () => {
      const run = async () => {
        throw new UnavailableError('the API is down', {mayHaveExecuted: false})
      }
      const {deliver, lines} = createDeliveryHarness({run})
      await assert.rejects(deliver({attributes}, broken), {...notAcknowledged, message: 'the API is down'})
      assert.ok(lines.includes('warn: the failed attempt is not in the run ledger'))
    })
  })

  it('leaves no trace of the error but one line for the framework to print', async () => {
    const run = async () => {
      throw new UnavailableError('down\n    at\u001b[31m', {mayHaveExecuted: false})
    }
    const {deliver} = createDeliveryHarness({run})
    const error: unknown = await deliver({attributes}).catch(reason => reason)
    assert.ok(error instanceof Error)
    assert.equal(error.stack, 'not acknowledged, Pub/Sub delivers it again: down at')
  })

  it('says what to look at only where the outcome is unknown', async () => {
    const {deliver, notes} = createDeliveryHarness({
      job: given => withManualCheck({...given, run: sinon.fake.resolves(failed('no'))}),
    })
    await deliver({attributes})
    assert.equal(notes()[0]?.reason, 'no')
  })
})

function withManualCheck(given: Parameters<typeof createSampleJob>[0]) {
  return createSampleJob({...given, manualCheck: 'Look at the channels.'})
}

function started(entry: LedgerEntry | undefined): LedgerEntry {
  assert.ok(entry !== undefined)
  return entry
}
