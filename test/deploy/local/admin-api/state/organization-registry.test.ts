import assert from 'node:assert/strict'
import {createOrganizationRegistry} from '../../../../../deploy/local/admin-api/state/organization-registry.ts'

describe('createOrganizationRegistry', () => {
  const create = () => createOrganizationRegistry(() => new Date('2026-11-23T10:00:00Z'))
  const slugsOf = (page: {profiles: readonly {org_slug: string}[]}) => page.profiles.map(({org_slug}) => org_slug)

  it('shows the newest first, and says whether there is more', () => {
    const registry = create()
    registry.seed(5)
    const first = registry.page({page: 1, pageSize: 2})
    assert.deepEqual(slugsOf(first), ['org_000005', 'org_000004'])
    assert.deepEqual([first.total, first.hasNext], [5, true])
    const last = registry.page({page: 3, pageSize: 2})
    assert.deepEqual([slugsOf(last), last.hasNext], [['org_000001'], false])
    assert.deepEqual(slugsOf(registry.page({page: 4, pageSize: 2})), [])
    assert.equal(registry.page({page: 1, pageSize: 5}).hasNext, false)
  })

  it('shifts its pages when an organization is added meanwhile', () => {
    const registry = create()
    registry.seed(4)
    assert.deepEqual(slugsOf(registry.page({page: 1, pageSize: 2})), ['org_000004', 'org_000003'])
    registry.add({org_slug: 'newcomer'})
    assert.deepEqual(slugsOf(registry.page({page: 2, pageSize: 2})), ['org_000003', 'org_000002'])
  })

  it('gives organizations of the same moment no order of their own', () => {
    const registry = create()
    const created_at = '2026-11-20T00:00:00Z'
    registry.seed(1)
    for (const org_slug of ['one', 'two', 'three']) registry.add({org_slug, created_at})
    const pages = [1, 2].map(() => slugsOf(registry.page({page: 1, pageSize: 4})))
    assert.deepEqual(pages, [
      ['org_000001', 'three', 'two', 'one'],
      ['org_000001', 'one', 'two', 'three'],
    ])
    assert.deepEqual(
      [1, 2].map(page => slugsOf(registry.page({page, pageSize: 2}))),
      [
        ['org_000001', 'three'],
        ['two', 'three'],
      ],
      'so that two pages may show one twice and another never',
    )
  })

  it('keeps the order through removals and changes of status', () => {
    const registry = create()
    registry.seed(5)
    registry.setStatus('org_000002', 'SUSPENDED')
    registry.setStatus('org_000004', 'SUSPENDED')
    registry.remove('org_000003')
    registry.setStatus('org_000002', 'ACTIVE')
    const page = (status?: 'ACTIVE' | 'SUSPENDED') => slugsOf(registry.page({status, page: 1, pageSize: 9}))
    assert.deepEqual(page('ACTIVE'), ['org_000005', 'org_000002', 'org_000001'])
    assert.deepEqual(page('SUSPENDED'), ['org_000004'])
    assert.deepEqual(page(), ['org_000005', 'org_000004', 'org_000002', 'org_000001'])
    assert.deepEqual([registry.count(), registry.count('ACTIVE'), registry.count('CANCELLED')], [4, 3, 0])
  })

  it('refuses an organization that is there already, and a malformed name', () => {
    const registry = create()
    registry.add({org_slug: 'acme_inc'})
    assert.throws(() => registry.add({org_slug: 'acme_inc'}), /acme_inc already/)
    assert.throws(() => registry.add({org_slug: 'Acme Inc'}))
    assert.throws(() => registry.remove('nobody'), /no organization nobody/)
  })

  it('seeds beside what is there', () => {
    const registry = create()
    registry.add({org_slug: 'org_000003'})
    registry.seed(3)
    assert.equal(registry.count('ACTIVE'), 4)
  })

  it('fails work on a broken organization as often as ordered', () => {
    const registry = create()
    registry.seed(2)
    registry.break('org_000001', 'no access', 2)
    assert.equal(registry.takeFailure('org_000001'), 'no access')
    assert.equal(registry.takeFailure('org_000002'), undefined)
    assert.equal(registry.takeFailure('org_000001'), 'no access')
    assert.equal(registry.takeFailure('org_000001'), undefined)
    registry.break('org_000002', 'for good')
    assert.equal(registry.takeFailure('org_000002'), 'for good')
    registry.mend('org_000002')
    assert.equal(registry.takeFailure('org_000002'), undefined)
  })
})
