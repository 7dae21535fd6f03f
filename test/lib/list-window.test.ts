import assert from 'node:assert/strict'
import fc from 'fast-check'
import {windowAt} from '../../lib/list-window.ts'

describe('windowAt', () => {
  it('begins with the first page, as large as pages get', () => {
    assert.deepEqual(windowAt(0), {page: 1, pageSize: 100, start: 0})
  })

  it('gives a page that overlaps the one before', () => {
    assert.deepEqual(windowAt(90), {page: 2, pageSize: 90, start: 90})
    assert.deepEqual(windowAt(170), {page: 3, pageSize: 85, start: 170})
  })

  it('holds the entry and at least 50 after it, in a page of at most 100', () => {
    fc.assert(
      fc.property(fc.integer({min: 0, max: 300_000}), index => {
        const {page, pageSize, start} = windowAt(index)
        assert.ok(pageSize <= 100 && start === (page - 1) * pageSize && start <= index)
        assert.ok(start + pageSize > index + 50, `index ${index}: ${page}×${pageSize}`)
      }),
      {numRuns: 2_000},
    )
  })
})
