import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {discardByIds} from '../../../deploy/dead-letters/discard.ts'
import type {DeadLetterQueue} from '../../../deploy/environment/dead-letter-queue.ts'
import type {Job} from '../../../lib/job/job.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'
import {createNotedDeadLetter} from '../../support/received-message.ts'

describe('discardByIds', () => {
  const now = () => new Date('2026-11-23T10:00:00Z')
  const {signal} = new AbortController()
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  /** A queue whose dead letters are these; another command has all that is asked for besides. */
  function createScene(...there: string[]) {
    const acknowledged: string[] = []
    const ledger = createMemoryLedger()
    ledger.entries.push(
      createEntry({at: '2026-11-23T08:00:00Z'}),
      createEntry({event: 'failed', at: '2026-11-23T08:01:00Z', error: createFinalError('permanent', '77')}),
    )
    const messages = there.map(id => createNotedDeadLetter({id}))
    const queue: DeadLetterQueue = {
      peek: async () => ({deadLetters: messages, isBounded: false}),
      hold: (ids, _, work) =>
        work({
          deadLetters: messages.filter(({id}) => ids.includes(id)),
          missing: ids.filter(id => !there.includes(id)),
          acknowledge: async id => void acknowledged.push(id),
        }),
    }
    return {session: {queue, ledger, jobs, signal, now}, ledger, acknowledged}
  }
  const discardsIn = (entries: readonly {event: string}[]) => entries.filter(({event}) => event === 'discarded').length

  it('records what it holds, then acknowledges it', async () => {
    const {session, ledger, acknowledged} = createScene('77')
    const told: string[] = []
    const onDiscarded = ({id}: {id: string}) => void told.push(id)
    const done = await discardByIds(session, ['77', '404'], {reason: 'x', onDiscarded})
    assert.deepEqual(done, {discarded: ['77'], missing: ['404']})
    assert.deepEqual([acknowledged, told, discardsIn(ledger.entries)], [['77'], ['77'], 1])
  })

  it('does nothing about one that another command holds: that one may be replaying it', async () => {
    const {session, ledger, acknowledged} = createScene()
    assert.deepEqual(await discardByIds(session, ['77'], {reason: 'x'}), {discarded: [], missing: ['77']})
    assert.deepEqual([acknowledged, discardsIn(ledger.entries)], [[], 0])
  })

  it('discards one that was taken out by hand where the operator says so', async () => {
    const {session, ledger, acknowledged} = createScene()
    const done = await discardByIds(session, ['77', '404'], {reason: 'x', isAbsentToo: true})
    assert.deepEqual(done, {discarded: ['77'], missing: ['404']})
    assert.deepEqual([acknowledged, discardsIn(ledger.entries)], [[], 1])
  })

  it('leaves one that is back by then to the next command', async () => {
    const {session, ledger} = createScene()
    const back = {...session.queue, peek: async () => ({deadLetters: [createNotedDeadLetter()], isBounded: false})}
    const done = await discardByIds({...session, queue: back}, ['77'], {reason: 'x', isAbsentToo: true})
    assert.deepEqual([done, discardsIn(ledger.entries)], [{discarded: [], missing: ['77']}, 0])
  })

  it('asks nobody when there is nothing to discard', async () => {
    const {session} = createScene()
    const queue = {...session.queue, hold: () => assert.fail('nothing to hold')}
    const done = await discardByIds({...session, queue}, [], {reason: 'x'})
    assert.deepEqual(done, {discarded: [], missing: []})
  })
})
