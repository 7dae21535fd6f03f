import assert from 'node:assert/strict'
import {compareWithTable, describeComparison} from './against.ts'
import type {Row} from './row.ts'
import {formatTable} from './table.ts'

const row = (what: string, value: number | undefined, note?: string): Row => ({
  what,
  baseline: '–',
  goal: {limit: 1, is: 'at most'},
  figure: 'x',
  value,
  runs: 1,
  ...(note === undefined ? {} : {note}),
})

describe('compareWithTable', () => {
  const table = formatTable([row('start', 0.9, 'the worst of 9: a'), row('memory', 1.5), row('list (local)', 0.5)])

  it('tells what is worse, better, new and the same, by verdicts, whatever the notes say', () => {
    const rows = [row('start', 1.2, 'the worst of 8: b'), row('memory', 0.7), row('list (local)', 0.9), row('more', 2)]
    assert.deepEqual(
      compareWithTable(rows, `# Performance\n\n${table}\n`).map(({change}) => change),
      ['worse', 'better', 'same', 'new'],
    )
  })

  it('goes by the first table of a file', () => {
    const older = formatTable([row('start', 7)])
    const [comparison] = compareWithTable([row('start', 0.9)], `${table}\n\n${older}`)
    assert.equal(comparison?.change, 'same')
  })

  it('does not call a row the same as another that begins alike', () => {
    const [comparison] = compareWithTable([row('list', 0.9)], formatTable([row('lists', 0.9)]))
    assert.equal(comparison?.change, 'new')
  })
})

describe('describeComparison', () => {
  it('names each change with both verdicts', () => {
    const comparisons = compareWithTable([row('start', 1.2)], formatTable([row('start', 0.9)]))
    assert.equal(
      describeComparison(comparisons, '.github/PERFORMANCE.md'),
      'Against .github/PERFORMANCE.md:\n  worse:  start: missed by 20 %, was met',
    )
  })

  it('says when nothing has changed', () => {
    assert.equal(describeComparison([], 'f.md'), 'Against f.md: every verdict is as it was.')
  })
})
