import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import {formatTable, wrapText} from '../../../deploy/cli/table.ts'

const linesOf = (table: string) => stripVTControlCharacters(table).split('\n')

describe('formatTable', () => {
  it('aligns columns by what is seen, colours aside, and leaves no blanks at the end', () => {
    const table = formatTable(
      ['id', 'outcome', ''],
      [
        ['1', '\u001b[32msucceeded\u001b[39m', 'x'],
        ['22', 'failed', ''],
      ],
    )
    assert.deepEqual(linesOf(table), ['  id  outcome', '  1   succeeded  x', '  22  failed'])
  })

  const heading = ['run', 'outcome', 'asked for by', '']
  const reason = `the API said no: ${'because '.repeat(30)}ECONNREFUSED`
  const cells = ['bootstrap@01KB0000000000000000000000', 'failed', 'alice@desk, manual']
  const rows = [[...cells, reason]]

  it('keeps a row on one line where there is no terminal, however long', () => {
    const lines = linesOf(formatTable(heading, rows))
    assert.equal(lines.length, 2)
    assert.ok(lines[1]?.endsWith('ECONNREFUSED'))
  })

  for (const columns of [40, 50, 80, 100]) {
    it(`fits ${columns} columns, and leaves nothing out`, () => {
      const lines = linesOf(formatTable(heading, rows, columns))
      assert.ok(
        lines.every(line => line.length <= columns),
        lines.join('\n'),
      )
      const words = lines.slice(1).join(' ').split(/\s+/)
      for (const word of [...cells, reason].join(' ').split(' ')) {
        assert.ok(words.includes(word), word)
      }
      if (columns < 60)
        assert.ok(
          lines.some(line => /asked for by alice@desk, manual/.test(line)),
          lines.join('\n'),
        )
    })
  }
})

describe('wrapText', () => {
  it('breaks between words, and a word only where it is longer than the line', () => {
    assert.deepEqual(wrapText('one two three four five six', 20, '  '), ['  one two three four', '  five six'])
    assert.deepEqual(wrapText(`see ${'x'.repeat(30)}`, 20), ['see', 'x'.repeat(20), 'x'.repeat(10)])
    assert.deepEqual(wrapText('a\nb', undefined, ' '), [' a', ' b'])
  })
})
