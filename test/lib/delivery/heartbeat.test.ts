import assert from 'node:assert/strict'
import sinon from 'sinon'
import {startHeartbeat} from '../../../lib/delivery/heartbeat.ts'
import {beginLease} from '../../../lib/delivery/lease.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'
import {createRecordingLog} from '../../support/recording-log.ts'

describe('startHeartbeat', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({now: Date.UTC(2026, 10, 23, 8)})
  })
  afterEach(() => clock.restore())

  function createScene(leaseSeconds: number, record?: (entry: LedgerEntry) => Promise<void>) {
    const now = () => new Date()
    const lease = beginLease({now, monotonic: () => performance.now()}, leaseSeconds)
    const memory = createMemoryLedger()
    const ledger = {...memory, ...(record === undefined ? {} : {record})}
    const started = createEntry({at: new Date().toISOString(), leaseUntil: lease.until})
    const {log} = createRecordingLog()
    const heartbeat = startHeartbeat({claimed: {started, lease}, ledger, log, now, leaseSeconds})
    return {heartbeat, entries: memory.entries, lease}
  }

  it('extends a short lease three times within its length', async () => {
    const {heartbeat, entries, lease} = createScene(3)
    await clock.tickAsync(9000)
    assert.equal(entries.length, 9)
    assert.equal(lease.isLive(), true)
    await heartbeat.end()
  })

  it('has no counts before the job reports some', async () => {
    const {heartbeat, entries} = createScene(3)
    await clock.tickAsync(1000)
    heartbeat.progress({done: 2})
    await clock.tickAsync(1000)
    await heartbeat.end()
    assert.deepEqual(
      entries.map(entry => ('counts' in entry ? entry.counts : 'none')),
      ['none', {done: 2}],
    )
  })

  it('says what is being repeated until it no longer is, each sooner than the lease asks for', async () => {
    const {heartbeat, entries} = createScene(120)
    await clock.tickAsync(1000)
    heartbeat.retry('reading: try 1 of 4 failed: no')
    heartbeat.retry('reading: try 2 of 4 failed: no')
    await clock.tickAsync(49_000)
    heartbeat.retry(undefined)
    await clock.tickAsync(5000)
    await heartbeat.end()
    assert.deepEqual(
      entries.map(({at, summary}) => [at.getSeconds(), summary]),
      [
        [5, 'reading: try 2 of 4 failed: no'],
        [45, 'reading: try 2 of 4 failed: no'],
        [55, undefined],
      ],
    )
  })

  it('writes one at a time, however long it takes', async () => {
    let writing = 0
    let most = 0
    const {heartbeat} = createScene(3, async () => {
      writing += 1
      most = Math.max(most, writing)
      await new Promise(resolve => setTimeout(resolve, 2500))
      writing -= 1
    })
    await clock.tickAsync(10_000)
    const ending = heartbeat.end()
    await clock.tickAsync(3000)
    await ending
    assert.deepEqual([most, writing], [1, 0])
  })

  it('is silent for an attempt that the ledger doesn’t know', async () => {
    const {log} = createRecordingLog()
    const record = () => assert.fail('it has no lease')
    const ledger = {...createMemoryLedger(), record}
    const options = {claimed: undefined, ledger, log, now: () => new Date(), leaseSeconds: 3}
    const heartbeat = startHeartbeat(options)
    heartbeat.progress({done: 1})
    await clock.tickAsync(10_000)
    await heartbeat.end()
    assert.equal(clock.countTimers(), 0)
  })
})
