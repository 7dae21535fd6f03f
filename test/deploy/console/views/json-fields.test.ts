import assert from 'node:assert/strict'
import {jsonFields} from '../../../../deploy/console/views/json-fields.ts'

describe('jsonFields', () => {
  it('keeps all digits of a number', () => {
    assert.deepEqual(jsonFields('{"a": 9223372036854775807, "b": 1.10, "c": [1e400, {"d": -0}]}'), [
      {name: 'a', value: '9223372036854775807'},
      {name: 'b', value: '1.10'},
      {name: 'c', value: '[1e400, {"d": -0}]'},
    ])
  })

  it('shows text as text, and nothing where there is no object', () => {
    assert.deepEqual(jsonFields('{"a": "<img onerror=x>", "b": null}'), [
      {name: 'a', value: '"<img onerror=x>"'},
      {name: 'b', value: 'null'},
    ])
    for (const text of ['', '[]', '1', 'null', '{"a":']) assert.equal(jsonFields(text), undefined)
  })
})
