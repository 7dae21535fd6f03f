import assert from 'node:assert/strict'
import {createPoolWidth} from '../../../lib/organization-sync/pool-width.ts'

describe('createPoolWidth', () => {
  /** So many rounds of calls, as many at a time as it says, each as long as its width makes it. */
  function scene(given: {ceiling?: number; learned?: number} = {}) {
    let milliseconds = 0
    const width = createPoolWidth({ceiling: 10, ...given, now: () => new Date(milliseconds)})
    const widths: number[] = []
    const rounds = (count: number, secondsAt: (width: number) => number) => {
      for (let round = 0; round < count; round += 1) {
        const places = width.current()
        widths.push(places)
        const calls = Array.from({length: places}, () => width.begin())
        // They end one after another: the API has its own pace.
        for (const call of calls) {
          milliseconds += (secondsAt(places) * 1000) / places
          call.end()
        }
      }
      return width.current()
    }
    return {width, widths, rounds}
  }
  /** Serial workers that take so long for one: more calls than workers wait for each other. */
  const serial = (workers: number, seconds: number) => (width: number) => seconds * Math.max(1, width / workers)

  it('begins with four, or fewer where that is the ceiling, or with what was learned', () => {
    assert.equal(scene().width.current(), 4)
    assert.equal(scene({ceiling: 2}).width.current(), 2)
    assert.equal(scene({learned: 7}).width.current(), 7)
    assert.equal(scene({learned: 7, ceiling: 5}).width.current(), 5)
  })

  it('opens at once where even a queue of all would be short', () => {
    const {rounds} = scene({ceiling: 50})
    assert.equal(
      rounds(1, () => 0.1),
      50,
    )
  })

  it('widens while throughput grows', () => {
    assert.equal(scene().rounds(6, serial(10, 25)), 10)
  })

  it('stays narrow where more width only makes calls wait too long', () => {
    const {rounds, widths} = scene()
    rounds(40, serial(1, 40))
    assert.ok(Math.max(...widths) <= 4, String(widths))
    assert.ok((widths.at(-1) ?? 0) >= 2, String(widths))
  })

  it('narrows where more width only means more waiting, though not too long', () => {
    const {rounds} = scene()
    rounds(6, serial(10, 12))
    // Two of ten workers are left: 60 s for what took 12.
    const width = rounds(20, serial(2, 12))
    assert.ok(width < 10 && width >= 2, `${width}`)
  })

  it('widens again as the API grows', () => {
    const {rounds} = scene()
    const narrow = rounds(20, serial(1, 30))
    const wide = rounds(30, serial(10, 30))
    assert.ok(narrow <= 5 && wide === 10, `${narrow}, then ${wide}`)
  })

  it('is not moved by one call that takes long', () => {
    const {rounds, width} = scene({ceiling: 10, learned: 10})
    let calls = 0
    rounds(30, () => (calls++ === 12 ? 50 : 5))
    assert.equal(width.current(), 10)
  })

  it('halves where the API asks for less, once for those that were in flight together', () => {
    const {width} = scene({learned: 8})
    const calls = Array.from({length: 8}, () => width.begin())
    for (const call of calls.slice(0, 3)) call.slowDown()
    assert.equal(width.current(), 4)
    for (const call of calls) call.end()
    assert.equal(width.current(), 4)
    const later = width.begin()
    later.slowDown()
    assert.equal(width.current(), 2)
    for (let times = 0; times < 5; times += 1) later.slowDown()
    assert.equal(width.current(), 1, 'never fewer than one')
  })

  it('comes back a place in a round of calls', () => {
    const {width, rounds} = scene({learned: 8})
    width.begin().slowDown()
    assert.equal(width.current(), 4)
    assert.equal(
      rounds(1, () => 0.1),
      5,
    )
    assert.equal(
      rounds(3, () => 0.1),
      8,
    )
  })

  it('expects of a call what the slowest of the last ones took, and a margin, once enough have ended', () => {
    const {width, rounds} = scene({learned: 4, ceiling: 4})
    const expected = () => width.expectedSeconds() ?? 0
    assert.equal(width.expectedSeconds(), undefined)
    rounds(1, () => 2)
    assert.ok(expected() >= 2 && expected() <= 4)
    rounds(3, () => 30)
    assert.ok(expected() >= 30)
    rounds(10, () => 2)
    assert.ok(expected() < 4)
  })

  it('does without a clock that goes on', () => {
    const width = createPoolWidth({ceiling: 10, now: () => new Date(0)})
    for (let times = 0; times < 50; times += 1) width.begin().end()
    assert.equal(width.current(), 10)
    const lost = createPoolWidth({ceiling: 10, now: () => new Date(Number.NaN)})
    for (let times = 0; times < 50; times += 1) lost.begin().end()
    assert.equal(lost.current(), 4)
  })
})
