import assert from 'node:assert/strict'
import {plural} from '../../../lib/log/plural.ts'

describe('plural', () => {
  it('counts one thing, several, and none', () => {
    assert.deepEqual(
      [plural(1, 'run'), plural(2, 'run'), plural(0, 'run'), plural(1, 'row has', 'rows have')],
      ['1 run', '2 runs', '0 runs', '1 row has'],
    )
  })
})
