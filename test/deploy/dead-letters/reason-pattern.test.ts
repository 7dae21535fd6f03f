import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import {toDeadLetterRow} from '../../../deploy/console/views/dead-letter-row.ts'
import {readDeadLetter} from '../../../deploy/dead-letters/dead-letter.ts'
import {formatReasons} from '../../../deploy/dead-letters/dead-letter-table.ts'
import {toReasonPattern} from '../../../deploy/dead-letters/reason-pattern.ts'
import {createNotedDeadLetter} from '../../support/received-message.ts'

describe('the pattern of a reason', () => {
  const alike = [
    ['a moment', 'down since 2026-11-26T08:00:00.123Z', 'down since 2026-11-25T23:59:59Z'],
    ['a hash', 'commit 3f2a9c1be of it', 'commit deadbeef42 of it'],
    ['a UUID', 'job 0b7e9f1c-1111-4222-8333-abcdefabcdef', 'job deadbeef-aaaa-4bbb-8ccc-dddddddddddd'],
    ['a run id', 'request 01M8BRZ0R02389D107846A709D', 'request 01M8BKC3SRCA5455BED0398B2F'],
    ['a quoted name', 'no organization "acme"', 'no organization "initech"'],
    ['a number', 'after 12 s', 'after 7 s'],
  ] as const

  for (const [subject, one, other] of alike) {
    it(`leaves out ${subject}, in the terminal and in the console alike`, () => {
      assert.equal(toReasonPattern(one), toReasonPattern(other))
      const deadLetters = [one, other].map((reason, index) =>
        readDeadLetter(createNotedDeadLetter({id: `${index}`, note: {reason}}), []),
      )
      assert.match(stripVTControlCharacters(formatReasons(deadLetters, 200).join()), /^ *2 × /)
      assert.equal(new Set(deadLetters.map(each => toDeadLetterRow(each, new Map()).pattern)).size, 1)
    })
  }

  it('keeps words apart, however far into a long reason', () => {
    const long = 'x '.repeat(150)
    assert.notEqual(toReasonPattern('after B s'), toReasonPattern('after 7 s'))
    assert.notEqual(toReasonPattern(`${long}refused`), toReasonPattern(`${long}broken`))
  })
})
