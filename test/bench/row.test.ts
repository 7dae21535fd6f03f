import assert from 'node:assert/strict'
import {type Goal, inTurn, median, type Row, verdictOf} from './row.ts'
import {formatTable} from './table.ts'

function rowOf(goal: Goal, value: number | undefined): Row {
  return {what: 'a thing', baseline: '–', goal, figure: '1 ms', value, runs: 9}
}

describe('a row of the bench', () => {
  it('meets its goal at the limit itself', () => {
    assert.equal(verdictOf(rowOf({limit: 1.5, is: 'at most'}, 1.5)), 'met')
    assert.equal(verdictOf(rowOf({limit: 0.94, is: 'at least'}, 0.94)), 'met')
  })

  it('says by how much it misses, and where nothing was measured', () => {
    assert.equal(verdictOf(rowOf({limit: 4, is: 'at most'}, 5)), 'missed by 25 %')
    assert.equal(verdictOf(rowOf({limit: 5, is: 'at least'}, 4)), 'missed by 20 %')
    assert.equal(verdictOf(rowOf({limit: 0.94, is: 'at least'}, 0.938)), 'missed by 0.2 %')
    assert.equal(verdictOf(rowOf({limit: 5, is: 'at least'}, undefined)), 'not measured')
  })

  it('does not meet its goal with a figure that is none', () => {
    assert.match(verdictOf(rowOf({limit: 4, is: 'at most'}, Number.NaN)), /^missed/)
  })

  it('is a line of a table that Markdown shows', () => {
    const table = formatTable([{...rowOf({limit: 1, is: 'at most', unit: 's'}, 1.256), note: 'the worst'}])
    assert.deepEqual(
      table.split('\n').map(line => line.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-')),
      [
        '| What | Baseline | Goal | Figure | Ratio or value | Verdict |',
        '| - | - | - | - | - | - |',
        '| a thing (the worst) | – | ≤ 1 s | 1 ms | 1.256 s | missed by 26 % |',
      ],
    )
  })
})

describe('median', () => {
  it('is the middle one, or between the middle two, in whatever order they come', () => {
    assert.equal(median([9, 1, 5]), 5)
    assert.equal(median([4, 1, 3, 10]), 3.5)
  })
})

describe('inTurn', () => {
  it('measures one after the other, round by round, and does not count the first', async () => {
    const order: string[] = []
    const thing = (name: string) => async (round: number) => {
      order.push(`${name}${round}`)
      return round
    }
    assert.deepEqual(await inTurn(2, {a: thing('a'), b: thing('b')}), {a: [1, 2], b: [1, 2]})
    assert.deepEqual(order, ['a0', 'b0', 'a1', 'b1', 'a2', 'b2'])
  })
})
