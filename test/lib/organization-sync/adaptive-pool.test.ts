import assert from 'node:assert/strict'
import {runPool, type SlowDown} from '../../../lib/organization-sync/adaptive-pool.ts'

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
    const pool = runPool(numbers(5), {concurrency: 3, stop: never, work})
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
      {concurrency: 2, stop: never, work},
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
    const pool = runPool(numbers(9), {concurrency: 2, stop: stop.signal, work})
    let isOver = false
    void pool.then(() => (isOver = true))
    await settled()
    stop.abort()
    await end(1)
    assert.equal(isOver, false)
    await end(2)
    assert.equal(await pool, 'stopped')
    assert.deepEqual(begun, [1, 2])
    assert.equal(await runPool(numbers(9), {concurrency: 2, stop: stop.signal, work}), 'stopped')
    assert.deepEqual(begun, [1, 2])
  })

  it('stops at work that throws, and throws that when what is in flight has ended', async () => {
    const {work, end, fail, begun} = createWork()
    const pool = runPool(numbers(9), {concurrency: 2, stop: never, work})
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
    const pool = runPool(broken(), {concurrency: 3, stop: never, work})
    const failure = assert.rejects(pool, /no more of it/)
    await settled()
    await end(1)
    await failure
  })

  it('halves its places when it is slowed down, once for those that were in flight together', async () => {
    const {work, running, end, slowDown} = createWork()
    const pool = runPool(numbers(40), {concurrency: 8, stop: never, work})
    await settled()
    for (const item of [1, 2, 3]) await slowDown(item)
    for (const item of [1, 2, 3, 4]) await end(item)
    // Four places are left. That 4 ended well says nothing of them: it began before.
    assert.deepEqual(running(), [5, 6, 7, 8])
    await end(5)
    assert.deepEqual(running(), [6, 7, 8, 9])
    await slowDown(9)
    assert.deepEqual(running(), [6, 7, 8, 9])
    for (const item of [6, 7]) await end(item)
    assert.deepEqual(running(), [8, 9])
    await drain(running, end)
    await pool
  })

  it('counts it anew when the same work is slowed down again', async () => {
    const {work, running, end, slowDown} = createWork()
    const pool = runPool(numbers(30), {concurrency: 8, stop: never, work})
    await settled()
    for (let times = 0; times < 5; times += 1) await slowDown(1)
    for (const item of [2, 3, 4, 5, 6, 7, 8]) await end(item)
    assert.deepEqual(running(), [1], 'never fewer than one')
    await end(1)
    assert.deepEqual(running(), [9])
    await drain(running, end)
    await pool
  })

  it('gets its places back while work ends well', async () => {
    const {work, running, end, slowDown} = createWork()
    const pool = runPool(numbers(80), {concurrency: 8, stop: never, work})
    await settled()
    await slowDown(1)
    await end(1)
    const most: number[] = []
    for (let times = 0; times < 40; times += 1) {
      await end(running()[0] ?? 0)
      most.push(running().length)
    }
    assert.deepEqual([Math.min(...most), most.at(-1)], [4, 8])
    await drain(running, end)
    await pool
  })
})

async function drain(running: () => number[], end: (item: number) => Promise<void>): Promise<void> {
  for (let [item] = running(); item !== undefined; [item] = running()) await end(item)
}
