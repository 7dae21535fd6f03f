import {createSeededRandom} from '../support/seeded-random.ts'
import {idealSeconds, worksOf} from '../support/serial-api.ts'
import {simulateSync} from '../support/simulated-sync.ts'
import type {Row} from './row.ts'

const organizations = 200
const seeds = [1, 2, 3, 4, 5]
/** One more worker each minute, up to as many instances as the API may have. */
const workersAt = (seconds: number) => Math.min(10, 1 + Math.floor(seconds / 60))

/**
 * All parts of org-sync-all on a clock that needs no time: how near it comes to what the workers could have done.
 *
 * @throws Error where an organization was sent twice, timed out or was cut off: then the ratio says nothing.
 */
export async function measureWidth(): Promise<Row> {
  const runs: {readonly seconds: number; readonly ideal: number}[] = []
  for (const seed of seeds) {
    const load = {works: worksOf(organizations, createSeededRandom(seed).next), workersAt}
    const {outcome, sent, seconds, timeouts, interruptions} = await simulateSync(load)
    const repeated = [...sent.values()].filter(times => times.length > 1).length
    if (outcome.counts['synced'] !== organizations || repeated + timeouts + interruptions > 0) {
      throw new Error(`seed ${seed}: ${repeated} sent twice, ${timeouts} timed out, ${interruptions} cut off`)
    }
    runs.push({seconds, ideal: idealSeconds(load)})
  }
  const worst = runs.reduce((a, b) => (a.seconds / a.ideal > b.seconds / b.ideal ? a : b))
  return {
    what: `org-sync-all: ${organizations} organizations of 1 to 60 s, 1 to 10 serial workers that scale up`,
    note: `simulated clock, the worst of ${seeds.length} seeds; none sent twice, no time-out`,
    baseline: `the workers never idle: ${worst.ideal.toFixed(0)} s`,
    goal: {limit: 1.15, is: 'at most'},
    figure: `${worst.seconds.toFixed(0)} s`,
    value: worst.seconds / worst.ideal,
    runs: seeds.length,
  }
}
