import assert from 'node:assert/strict'
import fc from 'fast-check'
import {toPage} from '../../../../../deploy/local/pubsub/wire/page.ts'

describe('toPage', () => {
  it('gives every name once, in order, whatever the size of the pages', () => {
    const names = fc.uniqueArray(fc.string({minLength: 1}).map(text => `projects/p/topics/${text}`))
    fc.assert(
      fc.property(names, fc.integer({min: 1, max: 10}), (all, pageSize) => {
        const seen: string[] = []
        let pageToken = ''
        do {
          const page = toPage(all, {pageSize, pageToken})
          assert.ok(page.names.length <= pageSize)
          seen.push(...page.names)
          pageToken = page.nextPageToken
        } while (pageToken !== '')
        assert.deepEqual(seen, [...all].sort())
      }),
    )
  })

  it('has 100 names when no size is asked for', () => {
    const names = Array.from({length: 101}, (_, index) => `projects/p/topics/${index}`)
    assert.equal(toPage(names, {}).names.length, 100)
  })

  it('refuses negative sizes and tokens of others', () => {
    assert.throws(() => toPage([], {pageSize: -1}), /argument=page_size/)
    assert.throws(() => toPage([], {pageToken: 'nonsense'}), /argument=page_token/)
  })
})
