import assert from 'node:assert/strict'
import {formatAge, formatDuration, parseDuration, toDurationArgument} from '../../../deploy/cli/duration.ts'

describe('durations on the command line', () => {
  it('reads seconds, minutes, hours and days', () => {
    assert.deepEqual(['90s', '15m', '2h', '7d', '400d'].map(parseDuration), [90, 900, 7200, 604_800, 34_560_000])
    for (const text of ['90s', '15m', '2h', '7d', '3661s', '90m'])
      assert.equal(toDurationArgument(parseDuration(text)), text)
  })

  for (const text of ['', '2', 'h', '0s', '-1h', '1.5h', '2 h', '401d', '9999999s', '2h30m', '２h']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseDuration(text), /write a number and s, m, h or d/)
    })
  }

  it('says an age in the one unit that matters', () => {
    const seconds = [-5, 0, 59, 60, 3599, 3600, 2 * 86_400 - 1, 2 * 86_400]
    assert.deepEqual(
      seconds.map(count => formatAge(count * 1000)),
      ['0 s', '0 s', '59 s', '1 min', '59 min', '1 h', '47 h', '2 d'],
    )
  })

  it('says how long something took', () => {
    const seconds = [0.94, 59.9, 192, 7500, 3 * 86_400]
    assert.deepEqual(
      seconds.map(count => formatDuration(count * 1000)),
      ['0.9 s', '59.9 s', '3 min 12 s', '2 h 5 min', '3 d'],
    )
  })
})
