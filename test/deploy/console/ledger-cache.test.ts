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
  let trouble: Error | undefined
  beforeEach(() => {
    now = new Date('2026-11-26T08:00:00Z')
    table = [createEntry({at: '2026-11-26T07:00:00Z'})]
    version = '1'
    reads.splice(0)
    trouble = undefined
  })
  const create = (isOpen = false) =>
    createLedgerCache({
      async read(from, to) {
        if (trouble !== undefined) throw trouble
        reads.push({from, to})
        return table.filter(({at}) => at >= from && (to === undefined || at < to))
      },
      history: async runId => table.filter(entry => entry.runId === runId),
      changedAt: async () => version,
      isOpen: () => isOpen,
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
})
