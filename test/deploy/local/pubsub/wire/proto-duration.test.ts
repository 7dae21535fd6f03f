import assert from 'node:assert/strict'
import fc from 'fast-check'
import {formatDuration, readDuration, toMilliseconds} from '../../../../../deploy/local/pubsub/wire/proto-duration.ts'

describe('proto durations', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(999_999_999), fc.constantFrom(1, -1), (seconds, nanos, sign) => {
        const duration = {seconds: sign * seconds || 0, nanos: sign * nanos || 0}
        assert.deepEqual(readDuration(formatDuration(duration)), duration)
      }),
    )
  })

  for (const [text, milliseconds] of [
    ['600s', 600_000],
    ['0.100s', 100],
    ['0.1s', 100],
    ['-1.5s', -1500],
  ] as const) {
    it(`reads ${text}`, () => {
      assert.equal(toMilliseconds(readDuration(text) ?? {seconds: 0, nanos: 0}), milliseconds)
    })
  }

  it('have 0, 3, 6 or 9 digits after the point', () => {
    const texts = [0, 100_000_000, 1000, 1].map(nanos => formatDuration({seconds: 1, nanos}))
    assert.deepEqual(texts, ['1s', '1.100s', '1.000001s', '1.000000001s'])
  })

  it('are nothing else', () => {
    for (const text of ['', '1', 's', '1m', '1.s', ' 1s', '1e3s']) assert.equal(readDuration(text), undefined, text)
  })
})
