import assert from 'node:assert/strict'
import {reasonToSkip} from '../../../lib/run/missed-slot.ts'

const schedule = '0 8 * * *'
const slot = new Date('2026-11-23T08:00Z')
const at = (policy: Parameters<typeof reasonToSkip>[0], now: string) =>
  reasonToSkip(policy, schedule, slot, new Date(now))

describe('reasonToSkip', () => {
  it('lets every policy run a slot that is younger than an hour', () => {
    for (const policy of ['each', 'latest', 'today', {never: 'why'}] as const) {
      assert.equal(at(policy, '2026-11-23T08:59:59Z'), undefined)
    }
    // Its day is over, and it is merely late.
    const late = reasonToSkip('today', '55 23 * * *', new Date('2026-11-23T23:55Z'), new Date('2026-11-24T00:10Z'))
    assert.equal(late, undefined)
  })

  it('runs each missed slot, however old', () => {
    assert.equal(at('each', '2027-11-23T08:00Z'), undefined)
  })

  it('runs only the newest slot', () => {
    assert.equal(at('latest', '2026-11-24T07:59Z'), undefined)
    assert.equal(at('latest', '2026-11-24T08:00Z'), 'superseded by 2026-11-24T08:00Z')
  })

  it('runs a slot while its UTC day lasts', () => {
    assert.equal(at('today', '2026-11-23T23:59:59.999Z'), undefined)
    assert.equal(at('today', '2026-11-24T00:00Z'), 'its day is over: 2026-11-23 (UTC)')
  })

  it('runs none where the declaration says never, and gives its reason', () => {
    assert.equal(at({never: 'the data is gone'}, '2026-11-23T09:00Z'), 'never made up for: the data is gone')
  })
})
