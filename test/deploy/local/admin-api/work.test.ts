import assert from 'node:assert/strict'
import sinon from 'sinon'
import {answerWithin, createPauses, WorkStoppedError} from '../../../../deploy/local/admin-api/work.ts'

describe('answerWithin', () => {
  it('gives the answer that comes in time, and leaves no timer behind', async () => {
    // Mocha's own timer starts when the test first waits.
    await Promise.resolve()
    const timersBefore = timers()
    assert.equal(await answerWithin(Promise.resolve('done'), 300, () => 'late'), 'done')
    assert.equal(timers(), timersBefore)
  })

  it('gives the late answer while the work goes on', async () => {
    const {promise, resolve} = Promise.withResolvers<string>()
    assert.equal(await answerWithin(promise, 0.001, () => 'late'), 'late')
    resolve('done')
    assert.equal(await promise, 'done')
  })

  it('passes an error of the work on', async () => {
    await assert.rejects(
      answerWithin(Promise.reject(new Error('broken')), 300, () => 'late'),
      /broken/,
    )
  })

  function timers(): number {
    return process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
  }
})

describe('createPauses', () => {
  it('ends the work when it may not go on, asked after the pause', async () => {
    const mayGoOn = sinon.stub().returns(true)
    const pause = createPauses({stopping: new AbortController().signal, mayGoOn})
    await pause(0)
    mayGoOn.returns(false)
    await assert.rejects(pause(0), WorkStoppedError)
    assert.equal(mayGoOn.callCount, 2)
  })

  it('ends a pause at once when the stand-in is stopped', async () => {
    const stopping = new AbortController()
    const pause = createPauses({stopping: stopping.signal, mayGoOn: () => true})
    const ended = assert.rejects(pause(600), WorkStoppedError)
    stopping.abort()
    await ended
    await assert.rejects(pause(0), WorkStoppedError)
  })

  it('lets the event loop take its turn in long work without pauses', async () => {
    const pause = createPauses({stopping: new AbortController().signal, mayGoOn: () => true})
    let turns = 0
    const count = () => {
      turns += 1
    }
    setImmediate(count)
    for (let step = 0; step < 1000; step++) await pause(0)
    assert.equal(turns, 1)
  })
})
