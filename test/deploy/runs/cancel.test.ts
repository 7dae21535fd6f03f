import assert from 'node:assert/strict'
import {toPlain} from '../../../deploy/cli/plain-text.ts'
import {cancelRun} from '../../../deploy/runs/cancel.ts'
import {formatHistory} from '../../../deploy/runs/history-table.ts'
import {summarizeRun} from '../../../deploy/runs/run-summary.ts'
import {isCancelled} from '../../../lib/delivery/cancellation.ts'
import {runStateOf} from '../../../lib/run/run-state.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'

const now = () => new Date('2026-11-23T10:00:00Z')
const request = (more: {trigger?: 'manual' | 'replay'; messageId?: string; part?: number} = {}) => ({
  messageId: 'm-1',
  requestId: undefined,
  trigger: 'manual' as const,
  part: 1,
  checkedAttempt: 0,
  endedAttempt: 0,
  doubtfulAttempt: 0,
  ...more,
})

describe('cancelRun', () => {
  it('takes the claim of a run that was never attempted: nothing can start it any more', async () => {
    const ledger = createMemoryLedger()
    const result = await cancelRun({ledger, now}, 'bootstrap@1', 'bob@desk')
    assert.deepEqual(result, {kind: 'cancelled before its start'})
    assert.equal((await ledger.claim(createEntry({runId: 'bootstrap@1'}))).kind, 'taken')
    assert.equal(runStateOf(ledger.entries, request(), now()).kind, 'finished')
  })

  it('leaves no attempt in the history of a run that was never attempted', async () => {
    const ledger = createMemoryLedger()
    await cancelRun({ledger, now}, 'bootstrap@1', 'bob@desk')
    assert.partialDeepStrictEqual(summarizeRun(ledger.entries, now()), {outcome: 'cancelled', attempts: 0})
    assert.match(toPlain(formatHistory(ledger.entries)), /^ *– +1 +/m)
  })

  it('stops an attempt that is in flight, its retries and its later parts, and leaves a replay free', async () => {
    const ledger = createMemoryLedger()
    const started = createEntry()
    ledger.entries.push(started)
    assert.equal(await isCancelled(ledger, started), false)
    assert.deepEqual(await cancelRun({ledger, now}, 'bootstrap@1', 'bob@desk'), {kind: 'cancelled', wasRunning: true})
    assert.equal(await isCancelled(ledger, started), true)
    assert.equal(summarizeRun(ledger.entries, new Date(started.at.getTime() + 1000))?.outcome, 'running')
    for (const part of [1, 2]) assert.equal(runStateOf(ledger.entries, request({part}), now()).kind, 'finished')
    assert.equal(runStateOf(ledger.entries, request({trigger: 'replay'}), now()).kind, 'finished')
    ledger.entries.push(createEntry({event: 'failed', at: '2026-11-23T09:00:00Z'}))
    assert.equal(summarizeRun(ledger.entries, now())?.outcome, 'cancelled')
    const replay = request({trigger: 'replay', messageId: 'm-2'})
    assert.equal(runStateOf(ledger.entries, replay, now()).kind, 'free')
  })

  it('records nothing for a run that is cancelled already, and says since when; its replay can be cancelled', async () => {
    const ledger = createMemoryLedger()
    ledger.entries.push(createEntry())
    await cancelRun({ledger, now}, 'bootstrap@1', 'bob@desk')
    const later = () => new Date('2026-11-23T10:00:05Z')
    assert.deepEqual(await cancelRun({ledger, now: later}, 'bootstrap@1', 'ada@desk'), {
      kind: 'cancelled before',
      at: now(),
      requestedBy: 'bob@desk',
    })
    assert.equal(ledger.entries.length, 2)
    // It ended, and was replayed.
    ledger.entries.push(createEntry({event: 'cancelled', at: '2026-11-23T10:00:10Z'}))
    ledger.entries.push(createEntry({attempt: 2, messageId: 'm-2', trigger: 'replay', at: '2026-11-23T11:00:00Z'}))
    const again = await cancelRun({ledger, now: () => new Date('2026-11-23T11:00:01Z')}, 'bootstrap@1', 'ada@desk')
    assert.deepEqual(again, {kind: 'cancelled', wasRunning: true})
  })

  it('leaves a run that is over as it is', async () => {
    const ledger = createMemoryLedger()
    const failed = createEntry({event: 'failed', error: createFinalError('permanent', '7')})
    ledger.entries.push(createEntry(), failed)
    assert.deepEqual(await cancelRun({ledger, now}, 'bootstrap@1', 'bob@desk'), {
      kind: 'over',
      event: 'failed',
      at: failed.at,
    })
    assert.equal(ledger.entries.length, 2)
  })
})
