import assert from 'node:assert/strict'
import {missingText, unknownIdsText} from '../../../deploy/dead-letters/missing-text.ts'

const gone = 'it was replayed or discarded already, or another command holds it (then it is back within a minute)'

describe('missingText', () => {
  it('says what may have become of a dead letter that was there', () =>
    assert.equal(missingText(['77']), `no dead letter 77: ${gone}`))
})

describe('unknownIdsText', () => {
  it('says that what was typed may be wrong, and where the right one is', () =>
    assert.equal(
      unknownIdsText(['123', '124'], 'local'),
      `no dead letter 123, 124: ${gone}, or the id is mistyped: npm run dead-letters -- local`,
    ))

  it('finds the dead letter of a run whose id was typed', () =>
    assert.equal(
      unknownIdsText(['bootstrap@1'], 'prod'),
      "bootstrap@1 is a run's id, its dead letters are: npm run dead-letters -- prod --run bootstrap@1",
    ))

  it('tells the one from the other', () =>
    assert.deepEqual(unknownIdsText(['123', 'bootstrap@1'], 'local').split('\n'), [
      "bootstrap@1 is a run's id, its dead letters are: npm run dead-letters -- local --run bootstrap@1",
      `no dead letter 123: ${gone}, or the id is mistyped: npm run dead-letters -- local`,
    ]))
})
