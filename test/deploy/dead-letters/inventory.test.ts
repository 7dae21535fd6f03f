import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {readDeadLetter} from '../../../deploy/dead-letters/dead-letter.ts'
import {toClearEntry, toDiscardEntry, toReplayEntry} from '../../../deploy/dead-letters/discard-entry.ts'
import {openDeadLetters} from '../../../deploy/dead-letters/ledger-dead-letters.ts'
import {incompleteText, loadDeadLetters} from '../../../deploy/dead-letters/load-dead-letters.ts'
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
