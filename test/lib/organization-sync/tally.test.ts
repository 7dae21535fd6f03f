import assert from 'node:assert/strict'
import {createSyncTally, type SyncTask, syncTallySchema} from '../../../lib/organization-sync/tally.ts'
import {syncResult} from '../../support/organization-list.ts'

const firstTry: SyncTask = {orgSlug: 'acme_inc', isSecondTry: false, wasCut: false}
const start = (given: object = {}) => createSyncTally(syncTallySchema.parse(given))

describe('createSyncTally', () => {
  it('is complete when the list is at its end and nothing is left over', () => {
    const tally = start()
    assert.equal(tally.isComplete(), false)
    tally.listed()
    assert.equal(tally.isComplete(), true)
    tally.failed(firstTry, 'broken')
    assert.equal(tally.isComplete(), false)
  })

  it('gives one that failed a second try, and counts it as failed when that fails too', () => {
    const tally = start()
    assert.equal(tally.failed(firstTry, 'broken'), true)
    const again = tally.nextAgain()
    assert.deepEqual(again, {...firstTry, isSecondTry: true})
    assert.equal(tally.failed(again ?? firstTry, 'still broken'), false)
    assert.deepEqual(tally.state.failures, [{orgSlug: 'acme_inc', reason: 'still broken'}])
    assert.equal(tally.nextAgain(), undefined)
  })

  it('takes up what was cut off as the try that it was, and counts a second cut as a failure of it', () => {
    const tally = start()
    tally.cutOff(firstTry, 'stopped')
    const leftOver = tally.nextLeftOver()
    assert.deepEqual(leftOver, {...firstTry, wasCut: true})
    tally.cutOff(leftOver ?? firstTry, 'stopped')
    assert.deepEqual([tally.state.leftOver, tally.state.again], [[], ['acme_inc']])
  })

  it('puts back what was not begun as if it had not been taken', () => {
    const tally = start()
    tally.putBack(firstTry)
    assert.deepEqual([tally.nextLeftOver(), tally.hasMoved()], [firstTry, false])
  })

  it('has moved once anything came of a task', () => {
    for (const act of [
      (tally: ReturnType<typeof start>) => tally.synced(syncResult()),
      (tally: ReturnType<typeof start>) => tally.skipped(),
      (tally: ReturnType<typeof start>) => void tally.failed(firstTry, 'broken'),
      (tally: ReturnType<typeof start>) => tally.cutOff(firstTry, 'stopped'),
    ]) {
      const tally = start({synced: 5})
      assert.equal(tally.hasMoved(), false)
      act(tally)
      assert.equal(tally.hasMoved(), true)
    }
  })

  it('keeps the first total, and never tells more done than there are', () => {
    const tally = start()
    tally.setTotal(1)
    tally.setTotal(7)
    tally.synced(syncResult())
    tally.skipped()
    tally.failed(firstTry, 'broken')
    assert.deepEqual(tally.progress(), {done: 2, failed: 1, total: 2})
  })

  it('survives its message, and leaves what it was made from alone', () => {
    const saved = syncTallySchema.parse({named: ['initech']})
    const tally = createSyncTally(saved)
    tally.nextNamed()
    tally.taken({orgSlug: 'acme_inc', createdAt: new Date('2026-01-02T03:04:05.678Z'), index: 41})
    tally.failed({...firstTry, isSecondTry: true}, `long ${'x'.repeat(500)}\u001b[31m`)
    assert.deepEqual(saved, syncTallySchema.parse({named: ['initech']}))
    assert.deepEqual(syncTallySchema.parse(JSON.parse(JSON.stringify(tally.state))), tally.state)
    assert.ok(JSON.stringify(tally.state).length < 800)
    assert.ok(!JSON.stringify(tally.state).includes('\\u001b'))
  })
})
