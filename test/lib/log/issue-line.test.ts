import assert from 'node:assert/strict'
import * as z from 'zod'
import {toLine} from '../../../lib/log/issue-line.ts'

describe('toLine', () => {
  it('is one line, however hostile the keys', () => {
    const {error} = z.strictObject({}).safeParse({'a\nb\u001b[31m': 1, ['k'.repeat(2000)]: 2})
    assert.ok(error !== undefined)
    const line = toLine(error)
    assert.ok(!line.includes('\n') && !line.includes('\u001b'))
    assert.ok(line.length <= 610)
  })
})
