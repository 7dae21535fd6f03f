import assert from 'node:assert/strict'
import fc from 'fast-check'
import {toLogValue} from '../../../lib/log/log-value.ts'

describe('toLogValue', () => {
  it('keeps what JSON knows', () => {
    const value = {text: 'a', count: 1, yes: true, none: null, list: [1, {deep: 'b'}], absent: undefined}
    assert.deepEqual(toLogValue(value), value)
  })

  for (const [what, value, shown] of [
    ['a big integer', 12n, '12'],
    ['a symbol', Symbol('odd'), 'Symbol(odd)'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a date that is none', new Date(Number.NaN), 'Invalid Date'],
    ['bytes', Buffer.from('abc'), '[3 bytes]'],
    ['a map', new Map([['a', 1n]]), [['a', '1']]],
    ['a set', new Set([1]), [1]],
  ] as const) {
    it(`makes JSON of ${what}`, () => assert.deepEqual(toLogValue({value}), {value: shown}))
  }

  it('shows an error with its cause', () => {
    const shown = String(toLogValue(new TypeError('outer', {cause: new Error('inner')})))
    assert.match(shown, /^TypeError: outer\n[\s\S]*\nCaused by: Error: inner/)
  })

  it('ends in what holds itself, and shows twice what is there twice', () => {
    const shared = {a: 1}
    const loop: Record<string, unknown> = {shared, again: shared}
    loop['self'] = loop
    assert.deepEqual(toLogValue(loop), {shared, again: shared, self: '[circular]'})
  })

  it('ends where it is too deep', () => {
    let deep: unknown = 'bottom'
    for (let depth = 0; depth < 30; depth += 1) deep = {deep}
    assert.match(JSON.stringify(toLogValue(deep)), /\[too deep\]/)
  })

  it('goes on beside a getter that throws, and in a proxy that refuses everything', () => {
    const hostile = {
      get broken() {
        throw new Error('no')
      },
      fine: 1,
    }
    assert.deepEqual(toLogValue(hostile), {broken: '[unreadable]', fine: 1})
    const refusing = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no')
        },
      },
    )
    assert.equal(toLogValue(refusing), '[unreadable]')
  })

  it('makes something that JSON takes of anything', () => {
    fc.assert(
      fc.property(fc.anything({withBigInt: true, withMap: true, withSet: true, withDate: true}), value => {
        assert.doesNotThrow(() => JSON.stringify(toLogValue(value)))
      }),
    )
  })
})
