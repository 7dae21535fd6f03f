import assert from 'node:assert/strict'
import sinon from 'sinon'
import {createHistoryReader} from '../../../deploy/runs/history-reader.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'

const runId = 'bootstrap@1'
const noPartition = new UnavailableError('no such partition', {mayHaveExecuted: false, status: 404})

describe('createHistoryReader', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({now: new Date('2026-11-23T12:00:00Z'), toFake: ['Date']})
  })
  afterEach(() => clock.restore())

  function readerOf(entries: readonly LedgerEntry[], list?: (day: Date) => Promise<LedgerEntry[] | undefined>) {
    const memory = createMemoryLedger()
    memory.entries.push(...entries)
    const asked: string[] = []
    const read = createHistoryReader(
      {
        async history(id) {
          asked.push('query')
          return memory.history(id)
        },
        async historyOfDay(id, day) {
          asked.push(day.toISOString().slice(0, 10))
          return list === undefined ? memory.historyOfDay(id, day) : list(day)
        },
      },
      runId,
    )
    return {read, asked, entries: memory.entries}
  }

  it('queries everything once, then lists the day, and keeps what was before it', async () => {
    const before = createEntry({at: '2026-11-20T08:00:00Z'})
    const {read, asked, entries} = readerOf([before])
    assert.deepEqual(await read(), [before])
    const after = createEntry({attempt: 2, at: '2026-11-23T12:00:01Z'})
    entries.push(after)
    assert.deepEqual(await read(), [before, after])
    assert.deepEqual(asked, ['query', '2026-11-23'])
  })

  it('lists two days around midnight, whose clock ever is behind', async () => {
    clock.setSystemTime(new Date('2026-11-24T00:05:00Z'))
    const {read, asked, entries} = readerOf([])
    await read()
    const late = createEntry({at: '2026-11-23T23:59:00Z'})
    const next = createEntry({attempt: 2, at: '2026-11-24T00:05:01Z'})
    entries.push(late, next)
    assert.deepEqual(await read(), [late, next])
    assert.deepEqual(asked, ['query', '2026-11-23', '2026-11-24'])
  })

  for (const [what, list] of [
    ['can’t be listed', () => Promise.reject(noPartition)],
    ['has too many rows', () => Promise.resolve(undefined)],
  ] as const) {
    it(`queries again where the day ${what}`, async () => {
      const {read, asked, entries} = readerOf([], list)
      await read()
      const added = createEntry({at: '2026-11-23T12:00:01Z'})
      entries.push(added)
      assert.deepEqual(await read(), [added])
      assert.deepEqual(asked, ['query', '2026-11-23', 'query'])
    })
  }

  it('queries everything again after a minute', async () => {
    const {read, asked} = readerOf([])
    await read()
    clock.tick(60_001)
    await read()
    assert.deepEqual(asked, ['query', 'query'])
  })

  it('takes no mistake of this project for trouble', async () => {
    const {read} = readerOf([], () => Promise.reject(new TypeError('x')))
    await read()
    await assert.rejects(read(), TypeError)
  })
})
