import assert from 'node:assert/strict'
import {parseWaitSeconds} from '../../../lib/admin-api/rate-limit-reset.ts'

const now = new Date('2026-11-26T10:00:00.500Z')
const unix = Date.parse('2026-11-26T10:00:00Z') / 1000

describe('parseWaitSeconds', () => {
  for (const [what, value, seconds] of [
    ['a Unix time ahead, a second more than the difference', unix + 40, 40.5],
    ['the same as text, as in a header', String(unix + 40), 40.5],
    ['the moment of the refusal itself, which the service computes for its window’s end', unix, 15],
    ['a moment just behind', unix - 60, 15],
    ['a duration', 30, 30],
    ['a duration as text', '3600', 3600],
    ['no time at all', 0, 0],
    ['a moment long past', unix - 3600, undefined],
    ['a moment hours ahead', unix + 3 * 3600, undefined],
    ['a Unix time in milliseconds', unix * 1000, undefined],
    ['a duration of weeks', 2_000_000, undefined],
    ['a negative number', -1, undefined],
    ['an HTTP date', 'Thu, 26 Nov 2026 10:00:40 GMT', 40.5],
    ['an HTTP date of next year', 'Fri, 26 Nov 2027 10:00:40 GMT', undefined],
    ['a date in another form', '2026-11-26T10:00:40Z', undefined],
    ['1e9', '1e9', undefined],
    ['words', 'soon', undefined],
    ['nothing', undefined, undefined],
    ['an absent header', null, undefined],
    ['NaN', Number.NaN, undefined],
  ] as const) {
    it(`makes ${seconds === undefined ? 'nothing' : `${seconds} s`} of ${what}`, () => {
      assert.equal(parseWaitSeconds(value, now), seconds)
    })
  }
})
