import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {type DeadLetter, readDeadLetter} from '../../../deploy/dead-letters/dead-letter.ts'
import {explainMovedDeadLetters, isIdempotent, toRequest} from '../../../deploy/dead-letters/moved-dead-letter.ts'
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
    assert.partialDeepStrictEqual(deadLetter, {
      kind: 'exhausted',
      error: 'UnavailableError',
      messageId: 'm-2',
      attempts: 2,
    })
  })

  it('says that the function never started where the ledger has nothing', async () => {
    const deadLetter = await explain(bootstrap(), [])
    assert.match(deadLetter.reason, /no attempt is in the run ledger/)
    assert.equal(deadLetter.attempts, 0)
  })

  it('says that the run is over, or under way, anyway', async () => {
    const over = await explain(bootstrap(), [createEntry(), createEntry({event: 'succeeded'})])
    assert.match(over.reason, /the run has succeeded anyway/)
    const leaseUntil = new Date('2026-11-23T10:01:00Z')
    assert.match((await explain(bootstrap(), [createEntry({leaseUntil})])).reason, /an attempt is running/)
  })

  it('calls the outcome unknown where an attempt of a job that isn’t idempotent never ended', async () => {
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

  it('reads attempts and failures of its own part alone, and no discard as the reason', async () => {
    const failure = (message: string, given: Parameters<typeof createEntry>[0] = {}) =>
      createEntry({event: 'failed', error: {...transient, message}, ...given})
    const part = await explain(bootstrap(), [
      createEntry(),
      failure('of this part'),
      createEntry({part: 2, attempt: 2}),
      failure('of another part', {part: 2, attempt: 2}),
    ])
    assert.match(part.reason, /deliveries: of this part$/)
    const given = {...transient, name: 'Discarded', message: 'given up'}
    const discarded = await explain(bootstrap(), [
      createEntry(),
      failure('the reason'),
      createEntry({event: 'failed', attempt: 2, error: given}),
    ])
    assert.match(discarded.reason, /deliveries: the reason$/)
    assert.equal(discarded.error, 'UnavailableError')
    const waited = await explain(bootstrap(), [
      createEntry(),
      failure('the reason'),
      createEntry({event: 'duplicate', attempt: 0, summary: 'did nothing'}),
    ])
    assert.match(waited.reason, /deliveries: the reason$/)
  })

  it('has the summary of a failure without an error, or says that it failed', async () => {
    const ended = [createEntry(), createEntry({event: 'failed', summary: 'no luck'})]
    assert.match((await explain(bootstrap(), ended)).reason, /deliveries: no luck$/)
    const silent = [createEntry(), createEntry({event: 'failed'})]
    const explained = await explain(bootstrap(), silent)
    assert.match(explained.reason, /deliveries: the last attempt failed$/)
    assert.equal(explained.error, undefined)
  })

  it('says of an attempt of an idempotent job that never ended when it began', async () => {
    const explained = await explain(bootstrap(), [createEntry({attempt: 2})])
    assert.equal(explained.kind, 'exhausted')
    assert.match(explained.reason, /deliveries: attempt 2 started at 2026-11-23T08:00:00.000Z and never ended$/)
  })

  it('says what is known of an attempt that ended with an unknown outcome', async () => {
    const alerts = readDeadLetter(createMovedDeadLetter({subscription: 'cloudact-daily-alerts'}), jobs)
    const of = {runId: 'daily-alerts@2026-11-23T08:00Z', job: 'daily-alerts'}
    const error = {...transient, kind: 'unknown outcome' as const, message: 'it broke off'}
    const explained = await explain(alerts, [createEntry(of), createEntry({...of, event: 'failed', error})])
    assert.equal(explained.kind, 'unknown outcome')
    assert.match(explained.reason, /deliveries: outcome unknown, it broke off$/)
    // What is running isn't unknown yet, though the job isn't idempotent.
    const leaseUntil = new Date('2026-11-23T10:01:00Z')
    assert.equal((await explain(alerts, [createEntry({...of, leaseUntil})])).kind, 'exhausted')
    assert.equal((await explain(alerts, [])).kind, 'exhausted')
  })

  it('takes the outcome of a job that has left the project for unknown', async () => {
    const started = createEntry({runId: 'gone@1', job: 'gone'})
    const gone = {...bootstrap(), job: 'gone', runId: 'gone@1'}
    assert.equal((await explain(gone, [started])).kind, 'unknown outcome')
  })

  it('goes by the run id that a message has, and by its slot, whatever else began at that time', async () => {
    const time = messageRunId('bootstrap', 'm', new Date('2026-11-23T08:00:01Z'))
    const own = readDeadLetter(
      createMovedDeadLetter({
        subscription: 'cloudact-manual-bootstrap',
        attributes: {job: 'bootstrap', runId: time},
      }),
      jobs,
    )
    const other = `${time.slice(0, -1)}${time.endsWith('0') ? '1' : '0'}`
    assert.equal((await explain(own, [createEntry({runId: other})])).runId, time)
    const slot = readDeadLetter(createMovedDeadLetter({subscription: 'cloudact-daily-alerts'}), jobs)
    const later = createEntry({runId: 'daily-alerts@2026-11-23T08:01Z', job: 'daily-alerts'})
    assert.equal((await explain(slot, [later])).runId, 'daily-alerts@2026-11-23T08:00Z')
  })

  it('knows that arguments which can’t be read were never executed', async () => {
    const alerts = jobs.find(({name}) => name === 'daily-alerts')
    assert.ok(alerts !== undefined)
    const of = (data: string, kind: DeadLetter['kind']) =>
      isIdempotent(alerts, {...bootstrap(), kind, original: {data: Buffer.from(data), attributes: {}}})
    assert.equal(of('no JSON', 'unreadable'), true)
    assert.equal(of('no JSON', 'exhausted'), false)
    assert.equal(of('{}', 'unreadable'), false)
    assert.equal(of('{"dryRun":true}', 'exhausted'), true)
    const buggy = {
      ...alerts,
      isIdempotent: () => {
        throw new TypeError('a bug')
      },
    }
    assert.throws(() => isIdempotent(buggy, bootstrap()), /a bug/)
  })

  it('asks about what it ended, or what it leaves in doubt', () => {
    const noted = (kind: DeadLetter['kind']) =>
      toRequest(readDeadLetter(createNotedDeadLetter({note: {kind, attempt: 3}}), jobs))
    assert.partialDeepStrictEqual(noted('permanent'), {part: 1, endedAttempt: 3, doubtfulAttempt: 0})
    assert.partialDeepStrictEqual(noted('unknown outcome'), {part: 1, endedAttempt: 0, doubtfulAttempt: 3})
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
    const bug = () => Promise.reject(new TypeError('a bug'))
    await assert.rejects(explainMovedDeadLetters([bootstrap()], {jobs, now, ledger: {since: bug}}), /a bug/)
  })

  it('reads the ledger from a minute before the oldest of them', async () => {
    const asked: string[] = []
    const since = async (moment: Date) => {
      asked.push(moment.toISOString())
      return []
    }
    const at = (publishedAt: string) =>
      readDeadLetter(
        createMovedDeadLetter({
          subscription: 'cloudact-manual-bootstrap',
          attributes: {job: 'bootstrap', runId},
          publishedAt,
        }),
        jobs,
      )
    const two = [at('2026-11-23T08:30:00Z'), at('2026-11-23T08:10:00Z')]
    await explainMovedDeadLetters(two, {jobs, now, ledger: {since}})
    assert.deepEqual(asked, ['2026-11-23T08:09:00.000Z'])
  })
})
