import assert from 'node:assert/strict'
import {createHistoryReader} from '../../../deploy/runs/history-reader.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'

const runId = 'bootstrap@1'
const unavailable = new UnavailableError('down', {mayHaveExecuted: false, status: 503})

describe('createHistoryReader', () => {
  let wall: Date
  let monotonic: number
  beforeEach(() => {
    wall = new Date('2026-11-23T12:00:00Z')
    monotonic = 0
  })

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
      {now: () => wall, monotonic: () => monotonic},
    )
    return {read, asked, entries: memory.entries}
  }

  it('queries everything once, then lists the day, and has each entry once', async () => {
    const before = [createEntry({at: '2026-11-20T08:00:00Z'}), createEntry({attempt: 2, at: '2026-11-23T09:00:00Z'})]
    const {read, asked, entries} = readerOf(before)
    assert.deepEqual(await read(), before)
    const after = createEntry({attempt: 3, at: '2026-11-23T12:00:01Z'})
    entries.push(after)
    assert.deepEqual(await read(), [...before, after])
    assert.deepEqual(asked, ['query', '2026-11-23'])
  })

  for (const [time, days] of [
    ['2026-11-24T00:05:00Z', ['2026-11-23', '2026-11-24']],
    ['2026-11-23T23:55:00Z', ['2026-11-23', '2026-11-24']],
    ['2026-11-23T23:45:00Z', ['2026-11-23']],
  ] as const) {
    it(`lists ${days.length === 1 ? 'one day' : 'both days'} at ${time.slice(11, 16)}, whichever clock is ahead`, async () => {
      wall = new Date(time)
      const {read, asked, entries} = readerOf([])
      await read()
      const added = days.map((day, index) => createEntry({attempt: index + 1, at: `${day}T00:00:01Z`}))
      entries.push(...added)
      assert.deepEqual(await read(), added)
      assert.deepEqual(asked, ['query', ...days])
    })
  }

  it('loses nothing where this machine’s clock is hours behind the ledger’s, and sees what is new', async () => {
    const started = createEntry({at: '2026-11-24T00:05:00Z'})
    wall = new Date('2026-11-23T18:05:00Z')
    const {read, entries} = readerOf([started])
    await read()
    const ended = createEntry({event: 'succeeded', at: '2026-11-24T00:06:00Z'})
    entries.push(ended)
    assert.deepEqual(await read(), [started, ended])
  })

  it('keeps what is of a day that it doesn’t list', async () => {
    const started = createEntry({at: '2026-11-24T00:05:00Z'})
    // The newest is of an operator's machine that is behind, too.
    const cancelled = createEntry({event: 'cancelled', attempt: 0, at: '2026-11-23T18:05:00Z'})
    wall = new Date('2026-11-23T18:05:00Z')
    const {read} = readerOf([started, cancelled])
    await read()
    assert.deepEqual(new Set(await read()), new Set([started, cancelled]))
  })

  for (const [what, list] of [
    ['can’t be listed', () => Promise.reject(unavailable)],
    ['has too many rows', () => Promise.resolve(undefined)],
  ] as const) {
    it(`queries again where the day ${what}, and lists no more for a minute`, async () => {
      const {read, asked, entries} = readerOf([], list)
      await read()
      const added = createEntry({at: '2026-11-23T12:00:01Z'})
      entries.push(added)
      assert.deepEqual(await read(), [added])
      await read()
      assert.deepEqual(asked, ['query', '2026-11-23', 'query', 'query'])
    })
  }

  it('queries everything again after a minute, whatever the clock on the wall does', async () => {
    const {read, asked} = readerOf([])
    await read()
    wall = new Date('2026-11-23T11:00:00Z')
    monotonic = 60_001
    await read()
    assert.deepEqual(asked, ['query', 'query'])
  })

  it('takes no mistake of this project for trouble', async () => {
    const {read} = readerOf([], () => Promise.reject(new TypeError('x')))
    await read()
    await assert.rejects(read(), TypeError)
  })
})
