import assert from 'node:assert/strict'
import * as z from 'zod'
import {syncTallySchema} from '../../../lib/organization-sync/tally.ts'
import {createSeededRandom} from '../../support/seeded-random.ts'
import {idealSeconds, type SerialLoad, worksOf} from '../../support/serial-api.ts'
import {simulateSync} from '../../support/simulated-sync.ts'

const continuationSchema = z.object({continuation: syncTallySchema})

/** In a simulation: the clock needs no time. */
describe('org-sync-all, against an API that works on one request after another', function () {
  this.timeout(60_000)
  const seeds = [1, 2, 3]
  const load = (seed: number, workersAt: SerialLoad['workersAt'], count = 200): SerialLoad => ({
    works: worksOf(count, createSeededRandom(seed).next),
    workersAt,
  })

  it('syncs 14 organizations of 17 s with one worker, each once, without a time-out', async () => {
    const {outcome, timeouts, interruptions, seconds} = await simulateSync({
      works: Array(14).fill(17),
      workersAt: () => 1,
    })
    assert.partialDeepStrictEqual(outcome, {event: 'succeeded', counts: {synced: 14, failed: 0}})
    assert.deepEqual([timeouts, interruptions], [0, 0])
    assert.ok(seconds < 14 * 17 * 1.05, `${seconds} s`)
  })

  it('has few in flight where each takes a minute and one worker does them', async () => {
    const {outcome, timeouts, sent, maxInFlight} = await simulateSync({works: Array(30).fill(60), workersAt: () => 1})
    assert.partialDeepStrictEqual(outcome, {event: 'succeeded', counts: {synced: 30}})
    assert.equal(timeouts, 0)
    assert.ok(maxInFlight <= 4, `${maxInFlight} in flight`)
    assert.ok([...sent.values()].every(times => times.length === 1))
  })

  for (const [what, workersAt] of [
    ['come one after the other, every 20 s', seconds => Math.min(10, 1 + Math.floor(seconds / 20))],
    ['come one after the other, every minute', seconds => Math.min(10, 1 + Math.floor(seconds / 60))],
    ['come one after the other, every three minutes', seconds => Math.min(10, 1 + Math.floor(seconds / 180))],
    ['double every 100 s', seconds => Math.min(10, 2 ** Math.floor(seconds / 100))],
    ['stay three', () => 3],
    ['are ten from the start', () => 10],
  ] satisfies [string, SerialLoad['workersAt']][]) {
    it(`needs at most 1.15 times the ideal, sends none twice and times none out, where workers ${what}`, async () => {
      for (const seed of seeds) {
        const given = load(seed, workersAt)
        const {outcome, seconds, sent, timeouts, interruptions} = await simulateSync(given)
        assert.partialDeepStrictEqual(outcome, {event: 'succeeded', counts: {total: 200, synced: 200}})
        assert.ok([...sent.values()].every(times => times.length === 1))
        assert.deepEqual([timeouts, interruptions], [0, 0], `seed ${seed}`)
        const ratio = seconds / idealSeconds(given)
        assert.ok(ratio <= 1.15, `seed ${seed}: ${ratio.toFixed(3)} times the ideal`)
      }
    })
  }

  it('hands the width that it learned to the next part', async () => {
    const {continuations} = await simulateSync(load(1, () => 1, 60))
    const widths = continuations.map(args => continuationSchema.parse(args).continuation.width ?? 0)
    assert.ok(widths.length > 1 && widths.every(width => width >= 1 && width <= 6), String(widths))
  })

  it('has all places in flight at once where waiting is harmless', async () => {
    const {maxInFlight, seconds} = await simulateSync(
      {works: Array(2000).fill(0.1), workersAt: () => 1000},
      {args: {concurrency: 25}},
    )
    assert.equal(maxInFlight, 25)
    assert.ok(seconds <= 8.2, `${seconds} s`)
  })

  it('sends an organization whose request was cut off again only 600 s after its start, and fails it then', async () => {
    // One hangs for an hour, the others are quick.
    const works = Array.from({length: 20}, (_, index) => (index === 3 ? 3600 : 1))
    const {outcome, sent, parts} = await simulateSync({works, workersAt: () => 10})
    assert.partialDeepStrictEqual(outcome, {event: 'degraded', counts: {synced: 19, failed: 1}})
    const times = [...sent.values()].filter(times => times.length > 1)
    assert.equal(times.length, 1)
    const [first = 0, second = 0, ...more] = times[0] ?? []
    assert.ok(second - first >= 600 && more.length === 0, `${times}`)
    assert.ok(parts <= 3, `${parts} parts`)
  })
})
