import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {readDeadLetter} from '../../../deploy/dead-letters/dead-letter.ts'
import {
  type ReplayServices,
  replayDeadLetter,
  replayDeadLetters,
} from '../../../deploy/dead-letters/replay-dead-letter.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {Job} from '../../../lib/job/job.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'
import {createNotedDeadLetter} from '../../support/received-message.ts'

const signal = new AbortController().signal

describe('replayDeadLetter', () => {
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  /** Services that write down what is done, in its order. */
  function createBench(given: {publish?: () => void; acknowledge?: () => void} = {}) {
    const steps: string[] = []
    const ledger = createMemoryLedger()
    const services: ReplayServices = {
      jobs,
      ledger: {
        ...ledger,
        async record(entry) {
          steps.push(`record ${entry.event}`)
          await ledger.record(entry)
        },
      },
      publisher: {
        async publish(topic) {
          steps.push(`publish ${topic}`)
          given.publish?.()
          return 'm-2'
        },
        close: async () => undefined,
      },
      requestedBy: 'bob@desk',
      isForced: false,
      environment: parseEnvironmentName('stage', {}),
      now: () => new Date('2026-11-23T10:00:00Z'),
    }
    const leased = {
      async acknowledge(id: string) {
        steps.push(`acknowledge ${id}`)
        given.acknowledge?.()
      },
    }
    return {services, leased, ledger, steps}
  }
  const deadLetter = (id = '77', runId = 'bootstrap@1') =>
    readDeadLetter(createNotedDeadLetter({id, note: {runId}, attributes: {job: 'bootstrap', runId}}), jobs)

  it('acknowledges the letter only after it was published', async () => {
    const {services, leased, steps} = createBench()
    assert.partialDeepStrictEqual(await replayDeadLetter(services, leased, deadLetter()), {
      kind: 'replayed',
      messageId: 'm-2',
    })
    assert.deepEqual(steps, ['publish manual-jobs', 'record duplicate', 'acknowledge 77'])
  })

  it('links the new run of what belonged to no run of its job from the old one', async () => {
    const {services, leased, ledger} = createBench()
    const note = {job: 'unrouted', runId: 'unrouted@01KAPEXAMPLE', kind: 'unreadable'} as const
    const misnamed = readDeadLetter(createNotedDeadLetter({note, attributes: {job: 'bootstrap'}}), jobs)
    const result = await replayDeadLetter(services, leased, misnamed)
    assert.ok(result.kind === 'replayed')
    assert.match(result.runId ?? '', /^bootstrap@/)
    const [entry] = ledger.entries
    assert.equal(entry?.runId, note.runId)
    assert.equal(entry?.summary, `dead letter 77 replayed by bob@desk as message m-2, as run ${result.runId}`)
    await replayDeadLetter(services, leased, deadLetter())
    assert.doesNotMatch(ledger.entries.at(-1)?.summary ?? '', /as run/)
  })

  it('publishes nothing of one that another command holds', async () => {
    const {services, leased, steps} = createBench()
    const result = await replayDeadLetter(services, leased, {...deadLetter(), isAvailable: false})
    assert.equal(result.kind, 'failed')
    assert.match('reason' in result ? result.reason : '', /^no dead letter 77: /)
    assert.deepEqual(steps, [])
  })

  it('says that the ledger does not know of a replay which it could not record', async () => {
    const {services, leased} = createBench()
    const down = () => Promise.reject(new UnavailableError('BigQuery is down', {mayHaveExecuted: true}))
    const silent = {...services, ledger: {...services.ledger, record: down}}
    const result = await replayDeadLetter(silent, leased, deadLetter())
    assert.partialDeepStrictEqual(result, {
      kind: 'replayed',
      warning: "the run ledger doesn't know of this replay yet: BigQuery is down",
    })
  })

  it('asks the ledger about no run where nothing tells of one', async () => {
    const {services, leased} = createBench()
    const history = () => assert.fail('there is no run to ask about')
    const foreign = {id: '9', publishedAt: new Date(), data: Buffer.from('x'), attributes: {}}
    const asking = {...services, ledger: {...services.ledger, history}}
    assert.equal((await replayDeadLetter(asking, leased, readDeadLetter(foreign, jobs))).kind, 'refused')
  })

  it('leaves the letter where it is when it could not be published', async () => {
    const {services, leased, steps} = createBench({
      publish() {
        throw new UnavailableError('down', {mayHaveExecuted: true})
      },
    })
    await assert.rejects(replayDeadLetter(services, leased, deadLetter()), UnavailableError)
    assert.deepEqual(steps, ['publish manual-jobs'])
  })

  it('leaves the letter where its topic is missing, says what to do, and goes on with the others', async () => {
    const {services, leased, steps} = createBench({
      publish() {
        if (steps.length === 1) throw new UnavailableError('5 NOT_FOUND', {mayHaveExecuted: true}, {cause: {code: 5}})
      },
    })
    const deadLetters = [deadLetter(), deadLetter('78', 'bootstrap@2')]
    const [first, second] = await replayDeadLetters(services, leased, deadLetters, {signal, onResult: () => undefined})
    assert.partialDeepStrictEqual(first, {
      kind: 'refused',
      isForceable: false,
      reason:
        'cloudact-testing-1 has no topic manual-jobs; deploy the job first: npm run deploy -- stage --only bootstrap',
    })
    assert.equal(second?.kind, 'replayed')
    assert.deepEqual(steps.slice(0, 2), ['publish manual-jobs', 'publish manual-jobs'])
  })

  it('says that the letter is still listed when it was published and could not be acknowledged', async () => {
    const {services, leased} = createBench({
      acknowledge() {
        throw new UnavailableError('down', {mayHaveExecuted: true})
      },
    })
    const result = await replayDeadLetter(services, leased, deadLetter())
    assert.equal(result.kind, 'replayed')
    assert.match('warning' in result ? (result.warning ?? '') : '', /still listed.*down/)
  })

  it('records why it clears a letter before it acknowledges it', async () => {
    const {services, leased, ledger, steps} = createBench()
    ledger.entries.push(createEntry(), createEntry({event: 'succeeded'}))
    assert.equal((await replayDeadLetter(services, leased, deadLetter())).kind, 'cleared')
    assert.deepEqual(steps, ['record duplicate', 'acknowledge 77'])
    assert.match(ledger.entries.at(-1)?.summary ?? '', /dead letter 77 cleared by bob@desk: the run has succeeded/)
  })

  it('does not touch a letter that it may not replay', async () => {
    const {services, leased, ledger, steps} = createBench()
    ledger.entries.push(createEntry({leaseUntil: new Date('2026-11-23T11:00:00Z')}))
    assert.partialDeepStrictEqual(await replayDeadLetter(services, leased, deadLetter()), {
      kind: 'refused',
      isForceable: false,
    })
    assert.deepEqual(steps, [])
  })

  it('tells from when on the ledger speaks of the replay, by the ledger’s own times', async () => {
    const {services, leased, ledger} = createBench()
    const error = createFinalError('permanent', '77')
    // A clock far ahead of this machine's.
    ledger.entries.push(createEntry({event: 'failed', error, at: '2026-11-23T12:00:00.000Z'}))
    const result = await replayDeadLetter(services, leased, deadLetter())
    assert.ok(result.kind === 'replayed')
    assert.equal(result.since.toISOString(), '2026-11-23T12:00:00.001Z')
  })

  describe('of many letters', () => {
    it('does not publish a run twice', async () => {
      const {services, leased, steps} = createBench()
      const deadLetters = [deadLetter('1'), deadLetter('2'), deadLetter('3', 'bootstrap@2')]
      const results = await replayDeadLetters(services, leased, deadLetters, {signal, onResult: () => undefined})
      assert.deepEqual(
        results.map(({kind}) => kind),
        ['replayed', 'refused', 'replayed'],
      )
      assert.deepEqual(steps, [
        'publish manual-jobs',
        'record duplicate',
        'acknowledge 1',
        'publish manual-jobs',
        'record duplicate',
        'acknowledge 3',
      ])
    })

    it('tries no more once Pub/Sub is out of reach', async () => {
      const {services, leased, steps} = createBench({
        publish() {
          throw new UnavailableError('down', {mayHaveExecuted: true})
        },
      })
      const deadLetters = [deadLetter('1'), deadLetter('2', 'bootstrap@2'), deadLetter('3', 'bootstrap@3')]
      const results = await replayDeadLetters(services, leased, deadLetters, {signal, onResult: () => undefined})
      assert.deepEqual(
        results.map(({kind}) => kind),
        ['failed', 'failed', 'failed'],
      )
      assert.deepEqual(steps, ['publish manual-jobs'])
    })

    it('stops between two letters when it is interrupted', async () => {
      const {services, leased, steps} = createBench()
      const stop = new AbortController()
      const deadLetters = [deadLetter('1'), deadLetter('2', 'bootstrap@2')]
      const replaying = replayDeadLetters(services, leased, deadLetters, {
        signal: stop.signal,
        onResult: () => stop.abort(),
      })
      await assert.rejects(replaying)
      assert.deepEqual(steps, ['publish manual-jobs', 'record duplicate', 'acknowledge 1'])
    })
  })
})
