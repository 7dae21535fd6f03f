import assert from 'node:assert/strict'
import {createLedgerCache} from '../../../deploy/console/ledger-cache.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry} from '../../support/ledger-entry.ts'

describe('createLedgerCache', () => {
  let now: Date
  let table: LedgerEntry[]
  let version: string | undefined
  const reads: {from: Date; to: Date | undefined}[] = []
  const wholes: string[] = []
  let trouble: Error | undefined
  beforeEach(() => {
    now = new Date('2026-11-26T08:00:00Z')
    table = [createEntry({at: '2026-11-26T07:00:00Z'})]
    version = '1'
    reads.splice(0)
    wholes.splice(0)
    trouble = undefined
  })
  const create = (isOpen: boolean | ((history: readonly LedgerEntry[]) => boolean) = false) =>
    createLedgerCache({
      async read(from, to) {
        if (trouble !== undefined) throw trouble
        reads.push({from, to})
        return table.filter(({at, event}) => at >= from && (to === undefined || at < to) && event !== 'progress')
      },
      async history(runId) {
        if (trouble !== undefined) throw trouble
        wholes.push(runId)
        return table.filter(entry => entry.runId === runId)
      },
      changedAt: async () => version,
      isOpen: typeof isOpen === 'boolean' ? () => isOpen : isOpen,
      now: () => now,
      firstDays: 40,
      freshMilliseconds: 5000,
    })
  const wait = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1000)
  }

  it('reads nothing before somebody asks, and once for all who ask at the same time', async () => {
    const cache = create()
    assert.equal(reads.length, 0)
    await Promise.all(Array.from({length: 12}, () => cache.refresh()))
    assert.equal(reads.length, 1)
    assert.equal(reads[0]?.from.toISOString(), '2026-10-17T08:00:00.000Z')
  })

  it('asks no query while the table has not changed', async () => {
    const cache = create()
    await cache.refresh()
    const {queries} = cache.state()
    wait(60)
    await cache.refresh()
    assert.equal(cache.state().queries, queries)
    assert.equal(cache.state().asOf.getTime(), now.getTime())
  })

  it('reads what is new with an overlap, and counts nothing twice', async () => {
    const cache = create()
    await cache.refresh()
    const before = cache.revision()
    table.push(createEntry({event: 'succeeded', at: '2026-11-26T07:59:30Z'}))
    version = '2'
    wait(10)
    await cache.refresh()
    assert.equal(reads[1]?.from.toISOString(), '2026-11-26T07:57:00.000Z')
    assert.deepEqual(
      cache
        .runs()
        .get('bootstrap@1')
        ?.map(({event}) => event),
      ['started', 'succeeded'],
    )
    assert.ok(cache.revision() > before)
    version = '3'
    wait(10)
    await cache.refresh()
    assert.equal(cache.runs().get('bootstrap@1')?.length, 2)
  })

  it('puts an entry that arrives late where it belongs', async () => {
    table = [createEntry({event: 'succeeded', at: '2026-11-26T07:59:30Z'})]
    const cache = create()
    await cache.refresh()
    table.push(createEntry({at: '2026-11-26T07:59:00Z'}))
    version = '2'
    wait(10)
    await cache.refresh()
    assert.deepEqual(
      cache
        .runs()
        .get('bootstrap@1')
        ?.map(({event}) => event),
      ['started', 'succeeded'],
    )
  })

  it('reads further back once, and only what is missing', async () => {
    table.push(createEntry({runId: 'bootstrap@0', at: '2026-09-10T07:00:00Z'}))
    const cache = create()
    await cache.refresh()
    await Promise.all([cache.extend(new Date('2026-09-01T00:00:00Z')), cache.extend(new Date('2026-09-01T00:00:00Z'))])
    assert.equal(reads.length, 2)
    assert.equal(reads[1]?.to?.toISOString(), '2026-10-17T08:00:00.000Z')
    assert.ok(cache.runs().has('bootstrap@0'))
    assert.equal(cache.state().from.toISOString(), '2026-09-01T00:00:00.000Z')
  })

  it('keeps what it has where the ledger does not answer, says so, and goes on when it does', async () => {
    const cache = create()
    await cache.refresh()
    trouble = new UnavailableError("can't read the run ledger", {mayHaveExecuted: false})
    version = '2'
    wait(10)
    await cache.refresh()
    assert.match(cache.state().trouble ?? '', /can't read the run ledger/)
    assert.equal(cache.runs().size, 1)
    trouble = undefined
    wait(10)
    await cache.refresh()
    assert.equal(cache.state().trouble, undefined)
  })

  const isRunning = (history: readonly LedgerEntry[]) => !history.some(({event}) => event === 'succeeded')

  it('reads a run in full once, for all who follow it, and no more once it is over', async () => {
    table.unshift(createEntry({at: '2026-10-01T07:00:00Z'}))
    const cache = create(isRunning)
    const poll = async () => {
      wait(5)
      await cache.refresh()
      return cache.history('bootstrap@1')
    }
    assert.equal((await poll()).length, 2, 'with what is older than the window')
    table.push(createEntry({event: 'progress', at: '2026-11-26T08:00:05Z'}))
    version = '2'
    assert.equal((await poll()).at(-1)?.event, 'progress')
    table.push(createEntry({event: 'succeeded', at: '2026-11-26T08:00:10Z'}))
    version = '3'
    assert.equal((await poll()).at(-1)?.event, 'succeeded')
    const {queries} = cache.state()
    for (let count = 0; count < 10; count += 1) {
      assert.deepEqual(await Promise.all([poll(), poll()]).then(each => each.map(({length}) => length)), [4, 4])
    }
    assert.equal(cache.state().queries, queries)
  })

  it('asks for a run that is not there only when the table has changed, and finds it then', async () => {
    const cache = create(isRunning)
    const poll = async () => {
      wait(5)
      await cache.refresh()
      return (await cache.history('bootstrap@2')).length
    }
    for (let count = 0; count < 5; count += 1) assert.equal(await poll(), 0)
    assert.equal(wholes.filter(runId => runId === 'bootstrap@2').length, 1)
    table.push(createEntry({runId: 'bootstrap@2', at: '2026-11-26T08:00:30Z'}))
    version = '2'
    assert.equal(await poll(), 1)
  })

  it('does not take a run for absent where the ledger does not answer', async () => {
    const cache = create(isRunning)
    await cache.refresh()
    trouble = new UnavailableError("can't read the run ledger", {mayHaveExecuted: false})
    await assert.rejects(cache.history('bootstrap@2'), /can't read the run ledger/)
    trouble = undefined
    assert.deepEqual(await cache.history('bootstrap@2'), [])
  })
})
