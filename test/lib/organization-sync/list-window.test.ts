import assert from 'node:assert/strict'
import fc from 'fast-check'
import {windowAt} from '../../../lib/organization-sync/list-window.ts'

describe('windowAt', () => {
  it('begins with the first page, as large as pages get', () => {
    assert.deepEqual(windowAt(0), {page: 1, pageSize: 100, start: 0})
  })

  it('gives a page that overlaps the one before', () => {
    assert.deepEqual(windowAt(90), {page: 2, pageSize: 90, start: 90})
    assert.deepEqual(windowAt(170), {page: 3, pageSize: 85, start: 170})
  })

  it('holds the entry and at least 49 after it, in a page of at most 100', () => {
    // All of the first thousands: a few samples of them once missed 25 that held less.
    for (let index = 0; index < 20_000; index += 1) check(index)
    fc.assert(fc.property(fc.integer({min: 0, max: 3_000_000}), check))
  })

  function check(index: number): void {
    const {page, pageSize, start} = windowAt(index)
    assert.ok(pageSize <= 100 && start === (page - 1) * pageSize && start <= index)
    assert.ok(start + pageSize > index + 49, `index ${index}: ${page}×${pageSize}`)
  }
})
