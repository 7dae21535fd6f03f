import assert from 'node:assert/strict'
import fc from 'fast-check'
import {cutMark, toPrintable, toPrintableLine} from '../../../lib/log/printable.ts'
import {anyText} from '../../support/any-text.ts'

describe('toPrintable', () => {
  for (const [what, text, clean] of [
    ['colours', 'a\u001b[31mred\u001b[0m', 'ared'],
    ['a cleared screen', '\u001b[2J\u001b[Ha', 'a'],
    ['a link', '\u001b]8;;http://evil\u0007click\u001b]8;;\u0007', 'click'],
    ['a window title', '\u001b]0;title\u0007a', 'a'],
    ['C1 controls', 'a\u009b31mred\u0085b\u0090', 'aredb'],
    ['turned text', 'a\u202etxt.exe\u202c\u2066b\u2069\u200e\u200f\u061c', 'atxt.exeb'],
    ['a bare escape', 'a\u001b', 'a'],
    ['carriage returns and null', 'a\r\u0000b\u0007\u007f', 'ab'],
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['tabs and line breaks, which stay', 'a\tb\nc', 'a\tb\nc'],
    ['letters of any script, which stay', 'Zürich 東京 🚀', 'Zürich 東京 🚀'],
  ] as const) {
    it(`takes care of ${what}`, () => {
      assert.equal(toPrintable(text), clean)
    })
  }

  it('cuts what is too long, and marks it, also where most of it was nothing', () => {
    assert.equal(toPrintable('abcdef', 3), `abc${cutMark}`)
    assert.equal(toPrintable('abc', 3), 'abc')
    assert.equal(toPrintable(`${'\u0000'.repeat(1000)}end`, 3), cutMark)
    assert.equal(toPrintable('ab🚀', 3), `ab\ufffd${cutMark}`)
  })

  it('leaves nothing that a terminal obeys, and is never longer than it may be', () => {
    const hostile = fc.array(
      fc.oneof(anyText, fc.constantFrom('\u001b', '[', '31m', '\u009b', ']', '\u0007', '\ud800')),
    )
    fc.assert(
      fc.property(hostile, fc.integer({min: 1, max: 50}), (parts, maxLength) => {
        const text = toPrintable(parts.join(''), maxLength)
        assert.deepEqual([...text].filter(isObeyed), [])
        assert.ok(text.isWellFormed())
        assert.ok(text.length <= maxLength + cutMark.length)
      }),
      {numRuns: 500},
    )
  })
})

describe('toPrintableLine', () => {
  it('is one line', () => {
    assert.equal(toPrintableLine('  a\r\n\tb\u2028c  '), 'a b c')
    fc.assert(fc.property(anyText, text => assert.doesNotMatch(toPrintableLine(text), /[\r\n\u2028\u2029\t]/)))
  })
})

/** Tab and line break are none of them. */
function isObeyed(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  const isControl = code < 0x20 || (code >= 0x7f && code <= 0x9f)
  const turnsText = code === 0x6_1c || code === 0x20_0e || code === 0x20_0f || (code >= 0x20_2a && code <= 0x20_2e)
  return (isControl && character !== '\t' && character !== '\n') || turnsText || (code >= 0x20_66 && code <= 0x20_69)
}
