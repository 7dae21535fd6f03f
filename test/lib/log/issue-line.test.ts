import assert from 'node:assert/strict'
import * as z from 'zod'
import {toLine} from '../../../lib/log/issue-line.ts'

describe('toLine', () => {
  it('says of what is true or false what it can be', () => {
    const schema = z.strictObject({forceSync: z.boolean(), count: z.number()})
    assert.equal(
      toLine(schema.safeParse({forceSync: 'yes', count: 'many'}).error ?? new z.ZodError([])),
      'forceSync: must be true or false; count: Invalid input: expected number, received string',
    )
  })

  it('is one line, however hostile the keys', () => {
    const {error} = z.strictObject({}).safeParse({'a\nb\u001b[31m': 1, ['k'.repeat(2000)]: 2})
    assert.ok(error !== undefined)
    const line = toLine(error)
    assert.ok(!line.includes('\n') && !line.includes('\u001b'))
    assert.ok(line.length <= 610)
  })
})
