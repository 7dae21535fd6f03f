import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import {formatTable, shorten} from '../../../deploy/cli/table.ts'

describe('formatTable', () => {
  it('aligns columns by what is seen, colours aside, and leaves no blanks at the end', () => {
    const table = formatTable(
      ['id', 'outcome', ''],
      [
        ['1', '\u001b[32msucceeded\u001b[39m', 'x'],
        ['22', 'failed', ''],
      ],
    )
    assert.deepEqual(stripVTControlCharacters(table).split('\n'), [
      '  id  outcome',
      '  1   succeeded  x',
      '  22  failed',
    ])
  })
})

describe('shorten', () => {
  it('marks what it cuts, and never cuts a character in two', () => {
    assert.equal(shorten('as it is', 8), 'as it is')
    assert.equal(shorten('as it is not', 8), 'as it i…')
    assert.ok(shorten('ab😀cd', 4).isWellFormed())
  })
})
