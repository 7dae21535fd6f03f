import assert from 'node:assert/strict'
import {
  apply,
  hasSecondTry,
  isComplete,
  progressOf,
  type SyncEvent,
  type SyncTask,
  syncTallySchema,
} from '../../../lib/organization-sync/tally.ts'
import {syncResult} from '../../support/organization-list.ts'

const task: SyncTask = {orgSlug: 'acme_inc', isSecondTry: false, wasInterrupted: false}
const secondTry = {...task, isSecondTry: true}
const startedAt = new Date('2026-11-23T08:00:00.000Z')
const start = (given: object = {}) => syncTallySchema.parse(given)
const reached = (given: object, ...events: SyncEvent[]) => events.reduce(apply, start(given))

describe('apply', () => {
  it('leaves the state before as it was', () => {
    const before = start({requested: ['initech'], retryQueue: ['globex']})
    const copy = structuredClone(before)
    for (const event of [
      {type: 'total', total: 3},
      {type: 'begun', queue: 'requested'},
      {type: 'failed', task, reason: 'no'},
      {type: 'interrupt', task, reason: 'no', startedAt},
      {type: 'requeue', task},
      {type: 'unlisted', position: 3},
    ] satisfies SyncEvent[]) {
      apply(before, event)
    }
    assert.deepEqual(before, copy)
  })

  it('is complete when the list is at its end and nothing is left to do', () => {
    assert.equal(isComplete(start()), false)
    assert.equal(isComplete(reached({}, {type: 'listed'})), true)
    for (const event of [
      {type: 'failed', task, reason: 'no'},
      {type: 'requeue', task},
      {type: 'interrupt', task, reason: 'no', startedAt},
    ] satisfies SyncEvent[]) {
      assert.equal(isComplete(reached({}, {type: 'listed'}, event)), false)
    }
  })

  it('gives one that failed a second try, and counts it as failed when that fails too', () => {
    const once = reached({}, {type: 'failed', task, reason: 'broken'})
    assert.deepEqual([once.retryQueue, once.failed, hasSecondTry(task)], [['acme_inc'], 0, true])
    const twice = apply(apply(once, {type: 'begun', queue: 'retryQueue'}), {
      type: 'failed',
      task: secondTry,
      reason: 'still broken',
    })
    assert.deepEqual(twice.failures, [{orgSlug: 'acme_inc', reason: 'still broken'}])
    assert.deepEqual([twice.retryQueue, twice.failed], [[], 1])
  })

  it('keeps what was interrupted with the time at which it began, and fails it when that happens again', () => {
    const once = reached({}, {type: 'interrupt', task, reason: 'no answer', startedAt})
    assert.deepEqual(once.interrupted, [{...task, wasInterrupted: true, startedAt: startedAt.toISOString()}])
    const resumed = apply(once, {type: 'resumed', orgSlug: 'acme_inc'})
    const again = {...task, wasInterrupted: true}
    const twice = apply(resumed, {type: 'interrupt', task: again, reason: 'no answer', startedAt})
    assert.deepEqual([twice.interrupted, twice.retryQueue, twice.failed], [[], [], 1])
  })

  it('requeues what was not sent as if it had not begun', () => {
    const state = reached({}, {type: 'requeue', task})
    assert.deepEqual([state.interrupted, state.tries], [[task], 0])
  })

  it('counts the tries that something came of', () => {
    for (const event of [
      {type: 'synced', result: syncResult()},
      {type: 'skipped'},
      {type: 'failed', task, reason: 'no'},
      {type: 'interrupt', task, reason: 'no', startedAt},
    ] satisfies SyncEvent[]) {
      assert.equal(reached({tries: 5}, event).tries, 6, event.type)
    }
  })

  it('keeps the first total, and never says that more is done than there are', () => {
    const state = reached(
      {},
      {type: 'total', total: 1},
      {type: 'total', total: 7},
      {type: 'synced', result: syncResult()},
      {type: 'skipped'},
      {type: 'failed', task, reason: 'broken'},
    )
    assert.equal(state.total, 1)
    assert.deepEqual(progressOf(state), {done: 2, failed: 1, total: 2})
  })

  it('notes an entry that can’t be read once, with the organization before it', () => {
    const organization = {orgSlug: 'initech', createdAt: undefined, index: 4}
    const state = reached(
      {},
      {type: 'unlisted', position: 1},
      {type: 'taken', organization},
      {type: 'unlisted', position: 6},
      {type: 'unlisted', position: 6},
    )
    assert.deepEqual(state.unlisted, [{position: 1}, {position: 6, after: 'initech'}])
  })

  it('survives its message', () => {
    const state = reached(
      {requested: ['initech']},
      {type: 'begun', queue: 'requested'},
      {type: 'taken', organization: {orgSlug: 'a_b', createdAt: new Date('2026-01-02T03:04:05.678Z'), index: 41}},
      {type: 'failed', task: secondTry, reason: `long ${'x'.repeat(500)}\u001b[31m`},
      {type: 'interrupt', task, reason: 'no', startedAt},
      {type: 'width', width: 3},
    )
    const message = JSON.stringify(state)
    assert.deepEqual(syncTallySchema.parse(JSON.parse(message)), state)
    assert.ok(message.length < 1000)
    assert.ok(!message.includes('\\u001b'))
  })
})

describe('syncTallySchema', () => {
  it('reads what a part of an earlier release handed over', () => {
    const handedOver = {
      total: 7,
      isListed: true,
      named: ['initech'],
      leftOver: [{orgSlug: 'acme_inc', isSecondTry: false, wasCut: true}],
      again: ['globex'],
      failures: [],
      synced: 3,
    }
    assert.partialDeepStrictEqual(syncTallySchema.parse(handedOver), {
      total: 7,
      requested: ['initech'],
      interrupted: [{...task, wasInterrupted: true}],
      retryQueue: ['globex'],
      synced: 3,
    })
  })

  it('refuses what it doesn’t know', () => {
    for (const wrong of [{names: []}, {leftOver: [], x: 1}, {synced: -1}, 'text', null]) {
      assert.equal(syncTallySchema.safeParse(wrong).success, false, JSON.stringify(wrong))
    }
  })
})
