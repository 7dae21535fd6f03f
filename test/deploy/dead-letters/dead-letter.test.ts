import assert from 'node:assert/strict'
import {randomBytes} from 'node:crypto'
import {gzipSync} from 'node:zlib'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {readDeadLetter} from '../../../deploy/dead-letters/dead-letter.ts'
import type {Job} from '../../../lib/job/job.ts'
import {createMovedDeadLetter, createNotedDeadLetter} from '../../support/received-message.ts'

describe('readDeadLetter', () => {
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  it('reads what a function noted, and gives the original back unchanged', () => {
    const attributes = {job: 'bootstrap', runId: 'bootstrap@1', trigger: 'manual', part: '3', extra: 'kept'}
    const deadLetter = readDeadLetter(
      createNotedDeadLetter({data: '{"forceSync":true}', attributes, note: {replays: 2}}),
      jobs,
    )
    assert.deepEqual(deadLetter.original.attributes, attributes)
    assert.equal(deadLetter.original.data.toString(), '{"forceSync":true}')
    assert.partialDeepStrictEqual(deadLetter, {
      id: '77',
      deadLetteredBy: 'the function',
      job: 'bootstrap',
      runId: 'bootstrap@1',
      part: 3,
      kind: 'permanent',
      reason: 'the API said no',
      error: 'RejectedError',
      sourceTopic: 'manual-jobs',
      attempts: 1,
      replays: 2,
      messageId: 'm-1',
    })
  })

  it("counts the run's attempts, as its history does: those before a replay too", () => {
    const received = createNotedDeadLetter({note: {attempts: 1, attempt: 2, replays: 1}})
    assert.equal(readDeadLetter(received, jobs).attempts, 2)
    // Notes of earlier releases have no number of their attempt.
    assert.equal(readDeadLetter(createNotedDeadLetter({note: {attempts: 3, attempt: 0}}), jobs).attempts, 3)
  })

  it('expands data that was compressed to fit', () => {
    const data = randomBytes(50_000).toString('hex').repeat(100)
    const received = createNotedDeadLetter({data})
    assert.equal(received.attributes['deadLetter-encoding'], 'gzip')
    const {original} = readDeadLetter(received, jobs)
    assert.ok(original.data.equals(Buffer.from(data)))
    assert.equal(original.attributes['deadLetter-encoding'], undefined)
  })

  it('leaves data as it is that only claims to be compressed, or would expand without end', () => {
    for (const data of [Buffer.from('no gzip'), gzipSync(Buffer.alloc(20_000_000))]) {
      const received = createNotedDeadLetter({data})
      const claiming = {...received, attributes: {...received.attributes, 'deadLetter-encoding': 'gzip'}}
      assert.ok(readDeadLetter(claiming, jobs).original.data.equals(data))
    }
  })

  it('counts the replays of what can’t be read, which its note does not', () => {
    const attributes = {job: 'bootstrap', replays: '4', trigger: 'replay'}
    assert.equal(readDeadLetter(createNotedDeadLetter({attributes, note: {kind: 'unreadable'}}), jobs).replays, 4)
  })

  it('derives the run of a scheduled message that Pub/Sub moved from its slot', () => {
    const received = createMovedDeadLetter({subscription: 'cloudact-daily-alerts'})
    assert.partialDeepStrictEqual(readDeadLetter(received, jobs), {
      deadLetteredBy: 'Pub/Sub',
      job: 'daily-alerts',
      runId: 'daily-alerts@2026-11-23T08:00Z',
      kind: 'exhausted',
      sourceTopic: 'cloudact-daily-alerts',
      attempts: 0,
      original: {attributes: {}},
    })
  })

  it('takes the run id of a message that Pub/Sub moved where it has one', () => {
    const attributes = {job: 'bootstrap', runId: 'bootstrap@7', part: '2', replays: '1'}
    const deadLetter = readDeadLetter(
      createMovedDeadLetter({subscription: 'cloudact-manual-bootstrap', attributes}),
      jobs,
    )
    assert.partialDeepStrictEqual(deadLetter, {runId: 'bootstrap@7', part: 2, replays: 1, sourceTopic: 'manual-jobs'})
    assert.deepEqual(deadLetter.original.attributes, attributes)
  })

  it('says so where no function could have read what Pub/Sub moved', () => {
    const subscription = 'cloudact-manual-bootstrap'
    const cases = [
      createMovedDeadLetter({subscription, data: 'no JSON', attributes: {job: 'bootstrap'}}),
      createMovedDeadLetter({subscription, attributes: {job: 'bootstrap', runId: 'not one'}}),
      createMovedDeadLetter({subscription: 'manual-jobs-unrouted', attributes: {job: 'bootstrapp'}}),
    ]
    for (const received of cases) {
      const {kind, runId} = readDeadLetter(received, jobs)
      assert.deepEqual({kind, runId}, {kind: 'unreadable', runId: undefined})
    }
  })

  it('makes nothing up about a subscription that is no job’s, or a letter without any origin', () => {
    for (const publishedAt of ['no time', '-271821-04-20T00:00:00Z', '+275760-09-13T00:00:00Z']) {
      const odd = readDeadLetter(createMovedDeadLetter({subscription: 'cloudact-manual-bootstrap', publishedAt}), jobs)
      assert.equal(odd.firstAt, odd.deadLetteredAt)
    }
    const gone = readDeadLetter(createMovedDeadLetter({subscription: 'of-yesterday', publishedAt: 'no time'}), jobs)
    assert.partialDeepStrictEqual(gone, {deadLetteredBy: 'Pub/Sub'})
    assert.deepEqual([gone.job, gone.runId, gone.sourceTopic], [undefined, undefined, undefined])
    const bare = {id: '9', publishedAt: new Date(0), data: Buffer.from('x'), attributes: {a: 'b'}}
    const foreign = readDeadLetter(bare, jobs)
    assert.partialDeepStrictEqual(foreign, {
      deadLetteredBy: 'unknown',
      kind: 'unreadable',
      original: {attributes: {a: 'b'}},
    })
    assert.deepEqual([foreign.job, foreign.runId, foreign.sourceTopic], [undefined, undefined, undefined])
  })

  it('tells what came by the subscription that gets everything: a copy, one to be passed on, one for no job', () => {
    const read = (name: string | undefined) =>
      readDeadLetter(
        createMovedDeadLetter({
          subscription: 'manual-jobs-unrouted',
          attributes: name === undefined ? {} : {job: name},
        }),
        jobs,
      )
    const gaveUp = 'Pub/Sub gave up after 10 deliveries'
    assert.partialDeepStrictEqual(read('bootstrap'), {
      job: 'unrouted',
      kind: 'exhausted',
      isCopy: true,
      sourceTopic: 'manual-jobs',
      reason: `${gaveUp} of a copy: the subscription cloudact-manual-bootstrap has this message too`,
    })
    for (const [name, job] of [
      ['bootstrap-sync', 'bootstrap'],
      ['daily-alerts', 'daily-alerts'],
      ['alerts', 'daily-alerts'],
    ] as const) {
      assert.partialDeepStrictEqual(read(name), {
        job: 'unrouted',
        kind: 'exhausted',
        isCopy: false,
        reason: `${gaveUp}: it could not be passed on to ${job}`,
      })
    }
    for (const name of ['bootstrapp', undefined]) {
      const none = read(name)
      assert.partialDeepStrictEqual(none, {
        job: 'unrouted',
        kind: 'unreadable',
        reason: `${gaveUp}: no job has the name in attribute job`,
      })
      assert.equal(none.isCopy, undefined)
    }
  })

  it('takes only a number for the number of a part, or of replays', () => {
    for (const [part, expected] of [
      ['12', 12],
      ['999999', 999_999],
      ['x2', 1],
      ['2x', 1],
      ['', 1],
      ['1000000', 1],
    ] as const) {
      assert.equal(readDeadLetter(createNotedDeadLetter({attributes: {job: 'bootstrap', part}}), jobs).part, expected)
    }
    assert.equal(readDeadLetter(createNotedDeadLetter({attributes: {job: 'bootstrap'}}), jobs).part, 1)
  })

  it('does not hide a mistake of a job’s own schema', () => {
    const broken = jobs.map(job =>
      job.name === 'bootstrap'
        ? {
            ...job,
            get args(): never {
              throw new TypeError('a bug')
            },
          }
        : job,
    )
    const received = createMovedDeadLetter({subscription: 'cloudact-manual-bootstrap', attributes: {job: 'bootstrap'}})
    assert.throws(() => readDeadLetter(received, broken), /a bug/)
  })

  it('takes a run id that is none for no run id: it is printed as part of commands', () => {
    const deadLetter = readDeadLetter(createNotedDeadLetter({note: {runId: 'x; rm -rf ~'}}), jobs)
    assert.equal(deadLetter.runId, undefined)
  })
})
