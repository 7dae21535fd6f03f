import assert from 'node:assert/strict'
import {statementOf} from '../../../../deploy/local/emulator/statement-of.ts'

describe('statementOf', () => {
  for (const [body, statement] of [
    ['{"query": "SELECT 1", "parameters": []}', 'SELECT 1'],
    ['{"configuration": {"query": {"query": "INSERT …"}, "labels": {}}}', 'INSERT …'],
    ['{"configuration": {"query": {}}}', undefined],
    ['{"query": 7}', undefined],
    ['{"query": "cut off', undefined],
    ['{"force": true}', undefined],
    ['', undefined],
  ] as const) {
    it(`is ${statement ?? 'absent'} of ${body === '' ? 'no body' : body}`, () => {
      assert.equal(statementOf(body), statement)
    })
  }
})
