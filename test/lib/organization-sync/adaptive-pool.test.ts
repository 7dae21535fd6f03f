import assert from 'node:assert/strict'
import {runPool, type SlowDown} from '../../../lib/organization-sync/adaptive-pool.ts'
import type {PoolWidth} from '../../../lib/organization-sync/pool-width.ts'

/** Work that ends when the test says so. */
function createWork() {
  const running = new Map<number, {end: () => void; fail: (error: Error) => void; slowDown: SlowDown}>()
  const begun: number[] = []
  return {
    begun,
    running: () => [...running.keys()],
    end: async (item: number) => act(item, ({end}) => end()),
    fail: async (item: number) => act(item, ({fail}) => fail(new Error(`work ${item} failed`))),
    slowDown: async (item: number) => act(item, ({slowDown}) => slowDown()),
    work: (item: number, slowDown: SlowDown) =>
      new Promise<void>((resolve, reject) => {
        begun.push(item)
        const forget = (then: () => void) => () => {
          running.delete(item)
          then()
        }
        running.set(item, {end: forget(resolve), fail: error => forget(() => reject(error))(), slowDown})
      }),
  }

  async function act(
    item: number,
    how: (entry: {end: () => void; fail: (error: Error) => void; slowDown: SlowDown}) => void,
  ) {
    const entry = running.get(item)
    assert.ok(entry, `${item} is not running`)
    how(entry)
    await settled()
  }
}

const settled = () => new Promise(resolve => setImmediate(resolve))

async function* numbers(count: number, onTaken: (item: number) => void = () => undefined) {
  for (let item = 1; item <= count; item += 1) {
    onTaken(item)
    yield item
  }
}

describe('runPool', () => {
  const never = new AbortController().signal

  it('works on so many at a time, and starts the next as soon as one ends, whichever that is', async () => {
    const {work, running, end, begun} = createWork()
    const pool = runPool(numbers(5), {width: places(3), stop: never, work})
    await settled()
    assert.deepEqual(running(), [1, 2, 3])
    await end(2)
    assert.deepEqual(running(), [1, 3, 4])
    await end(4)
    for (const item of [5, 3, 1]) await end(item)
    assert.equal(await pool, 'exhausted')
    assert.deepEqual(begun, [1, 2, 3, 4, 5])
  })

  it('takes an item from the stream only when it can start', async () => {
    const {work, end} = createWork()
    const taken: number[] = []
    const pool = runPool(
      numbers(4, item => taken.push(item)),
      {width: places(2), stop: never, work},
    )
    await settled()
    assert.deepEqual(taken, [1, 2])
    await end(1)
    assert.deepEqual(taken, [1, 2, 3])
    for (const item of [2, 3, 4]) await end(item)
    await pool
  })

  it('takes nothing more once it is stopped, and waits for what is in flight', async () => {
    const {work, end, begun} = createWork()
    const stop = new AbortController()
    const pool = runPool(numbers(9), {width: places(2), stop: stop.signal, work})
    let isOver = false
    void pool.then(() => (isOver = true))
    await settled()
    stop.abort()
    await end(1)
    assert.equal(isOver, false)
    await end(2)
    assert.equal(await pool, 'stopped')
    assert.deepEqual(begun, [1, 2])
    assert.equal(await runPool(numbers(9), {width: places(2), stop: stop.signal, work}), 'stopped')
    assert.deepEqual(begun, [1, 2])
  })

  it('stops at work that throws, and throws that when what is in flight has ended', async () => {
    const {work, end, fail, begun} = createWork()
    const pool = runPool(numbers(9), {width: places(2), stop: never, work})
    const failure = assert.rejects(pool, /work 1 failed/)
    await settled()
    await fail(1)
    assert.deepEqual(begun, [1, 2])
    await end(2)
    await failure
  })

  it('throws what the stream throws when what is in flight has ended', async () => {
    const {work, end} = createWork()
    async function* broken() {
      yield 1
      throw new Error('no more of it')
    }
    const pool = runPool(broken(), {width: places(3), stop: never, work})
    const failure = assert.rejects(pool, /no more of it/)
    await settled()
    await end(1)
    await failure
  })

  it('takes nothing more once there is no time for it', async () => {
    const {work, end, begun} = createWork()
    let left = 2
    const pool = runPool(numbers(9), {width: places(1), stop: never, hasTime: () => left > 0, work})
    await settled()
    left = 1
    await end(1)
    left = 0
    await end(2)
    assert.equal(await pool, 'stopped')
    assert.deepEqual(begun, [1, 2])
    assert.equal(await runPool(numbers(9), {width: places(1), stop: never, hasTime: () => false, work}), 'stopped')
  })

  it('has as many in flight as its width says at that moment', async () => {
    const {work, running, end} = createWork()
    let width = 1
    const pool = runPool(numbers(9), {width: {...places(1), current: () => width}, stop: never, work})
    await settled()
    width = 3
    await end(1)
    assert.deepEqual(running(), [2, 3, 4])
    width = 2
    await end(2)
    assert.deepEqual(running(), [3, 4])
    await end(3)
    assert.deepEqual(running(), [4, 5])
    await drain(running, end)
    await pool
  })

  it('tells the width of each that begins, is slowed down, and ends well', async () => {
    const {work, end, fail, slowDown} = createWork()
    const told: string[] = []
    const width = {
      ...places(2),
      begin() {
        told.push('begin')
        return {slowDown: () => void told.push('slow down'), end: () => void told.push('end')}
      },
    }
    const pool = runPool(numbers(2), {width, stop: never, work})
    const failure = assert.rejects(pool, /work 2 failed/)
    await settled()
    await slowDown(1)
    await end(1)
    await fail(2)
    await failure
    assert.deepEqual(told, ['begin', 'begin', 'slow down', 'end'])
  })
})

/** A width that learns nothing. */
function places(count: number): PoolWidth {
  return {current: () => count, expectedSeconds: () => 0, begin: () => ({slowDown: () => {}, end: () => {}})}
}

async function drain(running: () => number[], end: (item: number) => Promise<void>): Promise<void> {
  for (let [item] = running(); item !== undefined; [item] = running()) await end(item)
}
