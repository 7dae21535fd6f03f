import assert from 'node:assert/strict'
import {type SinonFakeTimers, useFakeTimers} from 'sinon'
import {watchHistory} from '../../../deploy/environment/watch-history.ts'
import {createEntry} from '../../support/ledger-entry.ts'

describe('watchHistory', () => {
  let clock: SinonFakeTimers
  beforeEach(() => {
    clock = useFakeTimers({toFake: ['performance']})
  })
  afterEach(() => clock.restore())

  /** A ledger whose version and entries a test sets. */
  function createLedger() {
    const state = {version: '1' as string | undefined | Error, entries: [createEntry({})], asked: 0}
    const read = watchHistory(
      {
        ledger: {
          async history() {
            state.asked += 1
            return [...state.entries]
          },
        },
        async ledgerVersion() {
          if (state.version instanceof Error) throw state.version
          return state.version
        },
      },
      'bootstrap@1',
    )
    return {state, read}
  }

  it('asks the ledger once while it does not change', async () => {
    const {state, read} = createLedger()
    for (let round = 0; round < 5; round += 1) assert.equal((await read()).length, 1)
    assert.equal(state.asked, 1)
  })

  it('asks again when it has changed', async () => {
    const {state, read} = createLedger()
    await read()
    state.entries.push(createEntry({event: 'succeeded'}))
    state.version = '2'
    assert.equal((await read()).length, 2)
  })

  it('sees what changed between the two questions the next time', async () => {
    let version = 1
    const entries = [createEntry({})]
    const read = watchHistory(
      {
        ledger: {
          async history() {
            const seen = [...entries]
            if (version === 1) entries.push(createEntry({event: 'succeeded'}))
            version = 2
            return seen
          },
        },
        ledgerVersion: async () => String(version),
      },
      'bootstrap@1',
    )
    assert.equal((await read()).length, 1)
    assert.equal((await read()).length, 2)
  })

  it('asks each time where no version can be had', async () => {
    const {state, read} = createLedger()
    await read()
    state.version = new Error('denied')
    await read()
    state.version = undefined
    await read()
    assert.equal(state.asked, 3)
  })

  it('asks after 15 s all the same', async () => {
    const {state, read} = createLedger()
    await read()
    clock.tick(14_999)
    await read()
    assert.equal(state.asked, 1)
    clock.tick(1)
    await read()
    assert.equal(state.asked, 2)
  })
})
