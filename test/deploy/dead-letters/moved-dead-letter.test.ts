import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {type DeadLetter, readDeadLetter} from '../../../deploy/dead-letters/dead-letter.ts'
import {explainMovedDeadLetters} from '../../../deploy/dead-letters/moved-dead-letter.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {Job} from '../../../lib/job/job.ts'
import {messageRunId} from '../../../lib/job/run-id.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createMovedDeadLetter, createNotedDeadLetter} from '../../support/received-message.ts'

const now = new Date('2026-11-23T10:00:00Z')
const runId = 'bootstrap@1'
const transient = {name: 'UnavailableError', message: 'HTTP 503', details: [], disposition: 'transient' as const}

describe('explainMovedDeadLetters', () => {
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  const bootstrap = () =>
    readDeadLetter(
      createMovedDeadLetter({subscription: 'cloudact-manual-bootstrap', attributes: {job: 'bootstrap', runId}}),
      jobs,
    )
  const explain = async (deadLetter: DeadLetter, entries: LedgerEntry[]) => {
    const [explained] = await explainMovedDeadLetters([deadLetter], {jobs, now, ledger: {since: async () => entries}})
    assert.ok(explained !== undefined)
    return explained
  }

  it('gives the last failed attempt’s reason', async () => {
    const deadLetter = await explain(bootstrap(), [
      createEntry(),
      createEntry({event: 'failed', error: {...transient, message: 'HTTP 500'}}),
      createEntry({attempt: 2, messageId: 'm-2'}),
      createEntry({attempt: 2, event: 'failed', error: transient}),
      createEntry({runId: 'bootstrap@2', event: 'failed', error: {...transient, message: 'of another run'}}),
    ])
    assert.equal(deadLetter.reason, 'Pub/Sub gave up after 10 deliveries: HTTP 503')
    assert.partialDeepStrictEqual(deadLetter, {kind: 'exhausted', error: 'UnavailableError', messageId: 'm-2'})
  })

  it('says that the function never started where the ledger has nothing', async () => {
    assert.match((await explain(bootstrap(), [])).reason, /no attempt is in the run ledger/)
  })

  it('says that the run is over, or under way, all the same', async () => {
    const over = await explain(bootstrap(), [createEntry(), createEntry({event: 'succeeded'})])
    assert.match(over.reason, /the run has succeeded all the same/)
    const leaseUntil = new Date('2026-11-23T10:01:00Z')
    assert.match((await explain(bootstrap(), [createEntry({leaseUntil})])).reason, /an attempt is running/)
  })

  it('calls the outcome unknown where an attempt of a job that may not be repeated never ended', async () => {
    const alerts = (data: string) =>
      readDeadLetter(createMovedDeadLetter({subscription: 'cloudact-daily-alerts', data}), jobs)
    const started = createEntry({runId: 'daily-alerts@2026-11-23T08:00Z', job: 'daily-alerts'})
    assert.equal((await explain(alerts('{}'), [started])).kind, 'unknown outcome')
    assert.equal((await explain(alerts('{"dryRun":true}'), [started])).kind, 'exhausted')
    assert.match(
      (await explain(alerts('{}'), [started])).reason,
      /outcome unknown, attempt 1 started at .* never ended/,
    )
  })

  it('finds the run of a message that came without a run id by its time', async () => {
    const publishedAt = '2026-11-23T08:00:01.000+00:00'
    const attributes = {job: 'bootstrap'}
    const deadLetter = readDeadLetter(
      createMovedDeadLetter({subscription: 'cloudact-manual-bootstrap', attributes, publishedAt}),
      jobs,
    )
    const real = messageRunId('bootstrap', 'the original message', new Date(publishedAt))
    assert.notEqual(deadLetter.runId, real)
    const explained = await explain(deadLetter, [
      createEntry({runId: messageRunId('bootstrap', 'x', now)}),
      createEntry({runId: real}),
      createEntry({runId: real, event: 'failed', error: transient}),
    ])
    assert.equal(explained.runId, real)
    assert.match(explained.reason, /HTTP 503$/)
  })

  it('asks the ledger once, and not at all where every letter has its note', async () => {
    const asked: Date[] = []
    const since = async (moment: Date) => {
      asked.push(moment)
      return []
    }
    await explainMovedDeadLetters([readDeadLetter(createNotedDeadLetter(), jobs)], {jobs, now, ledger: {since}})
    assert.equal(asked.length, 0)
    await explainMovedDeadLetters([bootstrap(), bootstrap()], {jobs, now, ledger: {since}})
    assert.deepEqual(
      asked.map(moment => moment < new Date('2026-11-23T08:00:01Z')),
      [true],
    )
  })

  it('shows the letters without it where the ledger does not answer', async () => {
    const since = async () => {
      throw new UnavailableError("can't read the run ledger", {mayHaveExecuted: false})
    }
    const [deadLetter] = await explainMovedDeadLetters([bootstrap()], {jobs, now, ledger: {since}})
    assert.match(deadLetter?.reason ?? '', /gave up after 10 deliveries; why is unknown, can't read the run ledger/)
  })
})
