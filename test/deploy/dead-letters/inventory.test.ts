import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {readDeadLetter} from '../../../deploy/dead-letters/dead-letter.ts'
import {toClearEntry, toDiscardEntry, toReplayEntry} from '../../../deploy/dead-letters/discard-entry.ts'
import {openDeadLetters} from '../../../deploy/dead-letters/ledger-dead-letters.ts'
import {
  findDeadLetters,
  incompleteText,
  loadDeadLetters,
  takeInventory,
} from '../../../deploy/dead-letters/load-dead-letters.ts'
import type {ReceivedMessage} from '../../../deploy/environment/pull-subscription.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {Job} from '../../../lib/job/job.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createMovedDeadLetter, createNotedDeadLetter} from '../../support/received-message.ts'

const now = new Date('2026-11-23T10:00:00Z')
const at = '2026-11-23T09:30:00Z'
const {signal} = new AbortController()
const error = createFinalError('permanent', '77')
const history = [createEntry(), createEntry({event: 'failed', error, at: '2026-11-23T09:00:00Z'})]

describe('the inventory of dead letters', () => {
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  const ids = (entries: readonly LedgerEntry[]) => openDeadLetters(entries, jobs).map(({id}) => id)
  const by = {requestedBy: 'bob@desk', at: new Date(at)}
  const noted = () => readDeadLetter(createNotedDeadLetter(), jobs)

  it('has what was dead-lettered, as the ledger knows it', () => {
    const [deadLetter] = openDeadLetters(history, jobs)
    assert.partialDeepStrictEqual(deadLetter, {
      id: '77',
      isAvailable: false,
      job: 'bootstrap',
      runId: 'bootstrap@1',
      kind: 'permanent',
      reason: error.message,
      sourceTopic: 'manual-jobs',
      attempts: 1,
    })
  })

  it('counts what the ledger knows of the run, part by part', () => {
    const entries = [
      createEntry({at: '2026-11-23T08:00:00Z', job: 'gone', runId: 'gone@1'}),
      createEntry({at: '2026-11-23T08:05:00Z', job: 'gone', runId: 'gone@1', event: 'continued'}),
      createEntry({at: '2026-11-23T08:10:00Z', job: 'gone', runId: 'gone@1', part: 2, attempt: 2}),
      createEntry({
        at: '2026-11-23T08:20:00Z',
        job: 'gone',
        runId: 'gone@1',
        part: 2,
        attempt: 3,
        trigger: 'replay',
        messageId: 'm-2',
      }),
      createEntry({
        at: '2026-11-23T08:21:00Z',
        job: 'gone',
        runId: 'gone@1',
        part: 2,
        attempt: 3,
        trigger: 'replay',
        messageId: 'm-2',
        event: 'progress',
      }),
      createEntry({
        at: '2026-11-23T08:25:00Z',
        job: 'gone',
        runId: 'gone@1',
        part: 2,
        attempt: 4,
        trigger: 'replay',
        messageId: 'm-3',
      }),
      createEntry({
        at: '2026-11-23T08:30:00Z',
        job: 'gone',
        runId: 'gone@1',
        part: 2,
        attempt: 4,
        trigger: 'replay',
        messageId: 'm-3',
        event: 'failed',
        error,
      }),
    ]
    assert.partialDeepStrictEqual(openDeadLetters(entries, jobs), [
      {
        id: '77',
        part: 2,
        attempt: 4,
        attempts: 4,
        replays: 2,
        firstAt: new Date('2026-11-23T08:10:00Z'),
        lastAt: new Date('2026-11-23T08:30:00Z'),
        deadLetteredAt: new Date('2026-11-23T08:30:00Z'),
        sourceTopic: undefined,
        messageId: 'm-3',
      },
    ])
    const alone = createEntry({event: 'failed', error, at})
    assert.partialDeepStrictEqual(openDeadLetters([alone], jobs), [{firstAt: new Date(at), replays: 0}])
  })

  it('has nothing of attempts that failed and come back, nor of what a command did', () => {
    const passing = {name: 'UnavailableError', message: 'down', details: [], disposition: 'transient' as const}
    assert.deepEqual(ids([createEntry({event: 'failed', error: passing})]), [])
    assert.deepEqual(ids([createEntry({event: 'failed'})]), [])
    assert.deepEqual(ids([createEntry({event: 'failed', error: {...passing, deadLetterId: '5'}})]), [])
    assert.deepEqual(ids([createEntry({event: 'failed', error: createFinalError('exhausted')})]), [])
    assert.deepEqual(ids([createEntry({event: 'duplicate', error})]), [])
  })

  for (const [what, entry] of [
    ['discarded', () => toDiscardEntry(noted(), {...by, reason: 'x'})],
    ['cleared', () => toClearEntry(noted(), {...by, reason: 'x'})],
    ['replayed', () => toReplayEntry(noted(), {...by, messageId: 'm-2', runId: undefined})],
    [
      'republished by hand, once it is attempted',
      () => createEntry({attempt: 2, trigger: 'replay', messageId: 'm-2', at}),
    ],
  ] as const) {
    it(`has no more what was ${what}`, () => {
      assert.deepEqual(ids([...history, entry()]), [])
    })
  }

  it('keeps what another entry says nothing about', () => {
    const others = [
      createEntry({event: 'duplicate', attempt: 0, at}),
      createEntry({attempt: 2, part: 2, trigger: 'replay', at}),
      createEntry({attempt: 2, at}),
      createEntry({attempt: 1, event: 'progress', trigger: 'replay', at}),
      createEntry({runId: 'bootstrap@2', trigger: 'replay', at}),
      {...toClearEntry(noted(), {...by, reason: 'x'}), runId: 'bootstrap@2'},
      createEntry({event: 'failed', error: createFinalError('permanent', '78'), at: '2026-11-23T08:59:00Z'}),
    ]
    for (const other of others) assert.ok(ids([...history, other]).includes('77'), other.event)
  })

  it('has a replay’s own dead letter in the place of the first', () => {
    const again = [
      createEntry({attempt: 2, trigger: 'replay', messageId: 'm-2', at}),
      createEntry({
        attempt: 2,
        event: 'failed',
        trigger: 'replay',
        messageId: 'm-2',
        error: createFinalError('permanent', '78'),
        at,
      }),
    ]
    assert.deepEqual(ids([...history, ...again]), ['78'])
  })

  describe('beside what Pub/Sub hands out', () => {
    const load = async (handedOut: readonly ReceivedMessage[], entries: readonly LedgerEntry[] | Error) => {
      const expected: (readonly string[])[] = []
      const inventory = await loadDeadLetters(
        {
          jobs,
          now: () => now,
          ledger: {
            since: async () => {
              if (entries instanceof Error) throw entries
              return [...entries]
            },
          },
          queue: {
            async peek(wanted) {
              expected.push(wanted)
              return {deadLetters: handedOut, isBounded: false}
            },
            hold: () => assert.fail('reading is no lease'),
          },
        },
        {},
        signal,
      )
      return {...inventory, expected, ids: inventory.deadLetters.map(({id}) => id)}
    }

    it('is complete where both agree', async () => {
      assert.partialDeepStrictEqual(await load([], []), {ids: [], isComplete: true})
      const both = await load([createNotedDeadLetter()], history)
      assert.partialDeepStrictEqual(both, {ids: ['77'], isComplete: true, expected: [[]]})
      assert.equal(both.deadLetters[0]?.isAvailable, true)
    })

    it('has what another command holds, and says so', async () => {
      const held = await load([], history)
      assert.partialDeepStrictEqual(held, {ids: ['77'], isComplete: false, expected: [[], ['77']]})
      assert.match(incompleteText(held), /^At least 1: another command holds one of them/)
    })

    it('asks again for what was not there at once, and lists each once, by its time', async () => {
      const messages = ['79', '78', '77'].map(id => createNotedDeadLetter({id, note: {runId: `bootstrap@${id}`}}))
      const entries = messages.map(({id}) =>
        createEntry({
          runId: `bootstrap@${id}`,
          event: 'failed',
          error: createFinalError('permanent', id),
          at: '2026-11-23T09:00:00Z',
        }),
      )
      const asked: (readonly string[])[] = []
      const sources = {
        jobs,
        now: () => now,
        ledger: {since: async () => entries},
        queue: {
          async peek(wanted: readonly string[]) {
            asked.push(wanted)
            return {deadLetters: asked.length === 1 ? messages.slice(0, 1) : messages, isBounded: false}
          },
          hold: () => assert.fail('reading is no lease'),
        },
      }
      const inventory = await loadDeadLetters(sources, {}, signal)
      assert.deepEqual(asked, [[], ['78', '77']])
      assert.deepEqual(
        inventory.deadLetters.map(({id, isAvailable}) => [id, isAvailable]),
        [
          ['77', true],
          ['78', true],
          ['79', true],
        ],
      )
      assert.equal(inventory.isComplete, true)
    })

    it('takes the inventory in one pull where nothing more is wanted of it, and says whether that is all', async () => {
      const take = async (
        handedOut: readonly ReceivedMessage[],
        entries: readonly LedgerEntry[] | UnavailableError,
        isBounded = false,
      ) => {
        let pulls = 0
        const peek = async () => {
          pulls += 1
          return {deadLetters: handedOut, isBounded}
        }
        const queue = {peek, hold: () => assert.fail('reading is no lease')}
        const inventory = await takeInventory({queue, jobs, now: () => now}, Promise.resolve(entries), signal, {
          isThorough: false,
        })
        assert.equal(pulls, 1)
        return inventory.isComplete
      }
      assert.equal(await take([createNotedDeadLetter()], history), true)
      assert.equal(await take([], []), true)
      assert.equal(await take([], history), false)
      assert.equal(await take([], [], true), false)
      assert.equal(await take([], new UnavailableError('down', {mayHaveExecuted: false})), false)
    })

    it('ends at Ctrl-C, before and after it has read', async () => {
      const stop = new AbortController()
      const queue = {
        async peek() {
          stop.abort(new Error('interrupted'))
          return {deadLetters: [], isBounded: false}
        },
        hold: () => assert.fail('reading is no lease'),
      }
      const sources = {queue, jobs, now: () => now, ledger: {since: async () => []}}
      await assert.rejects(loadDeadLetters(sources, {}, stop.signal), /interrupted/)
      const never = {...sources, queue: {...queue, peek: () => assert.fail('it was interrupted before')}}
      await assert.rejects(loadDeadLetters(never, {}, stop.signal), /interrupted/)
    })

    it('finds by id, and names each that is not there', async () => {
      const messages = ['78', '79'].map(id => createNotedDeadLetter({id, note: {runId: `bootstrap@${id}`}}))
      const queue = {
        peek: async (wanted: readonly string[]) => ({
          deadLetters: wanted.length === 0 ? [] : messages,
          isBounded: false,
        }),
        hold: () => assert.fail('reading is no lease'),
      }
      const sources = {queue, jobs, now: () => now, ledger: {since: async () => []}}
      const found = await findDeadLetters(sources, ['79', '404', '78'], signal)
      assert.deepEqual([found.deadLetters.map(({id}) => id), found.missing], [['78', '79'], ['404']])
    })

    it('has what only Pub/Sub knows', async () => {
      const moved = createMovedDeadLetter({subscription: 'cloudact-daily-alerts', id: '5'})
      const unrecorded = createNotedDeadLetter({id: '6', note: {runId: 'bootstrap@6'}})
      assert.partialDeepStrictEqual(await load([moved, unrecorded], []), {ids: ['5', '6'], isComplete: true})
    })

    it('claims nothing where the ledger does not answer', async () => {
      const down = await load([createNotedDeadLetter()], new UnavailableError('down', {mayHaveExecuted: false}))
      assert.partialDeepStrictEqual(down, {ids: ['77'], isComplete: false, trouble: 'down'})
      assert.match(incompleteText(down), /There may be more: down/)
      await assert.rejects(load([], new TypeError('a bug')), /a bug/)
    })
  })
})
