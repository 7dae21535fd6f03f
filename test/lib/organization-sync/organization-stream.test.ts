import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  advanceCursor,
  type ListCursor,
  streamOrganizations,
} from '../../../lib/organization-sync/organization-stream.ts'
import {createOrganizationList, type OrganizationList} from '../../support/organization-list.ts'

describe('streamOrganizations', () => {
  it('gives every organization once, newest first', async () => {
    const organizations = createOrganizationList(1234)
    assert.deepEqual(await all(organizations), organizations.slugs())
  })

  it('reads a short list in one page, and an empty one too', async () => {
    for (const count of [0, 1, 100]) {
      const organizations = createOrganizationList(count)
      assert.equal((await all(organizations)).length, count)
      assert.deepEqual(organizations.reads, ['1×100'])
    }
  })

  it('tells the total with each page', async () => {
    const totals: number[] = []
    const {list} = createOrganizationList(150)
    for await (const _ of streamOrganizations({list, onTotal: total => totals.push(total), onUnreadable: never}));
    assert.deepEqual(totals, [150, 150])
  })

  it('reads one page ahead, and no more', async () => {
    const organizations = createOrganizationList(5000)
    const stream = streamOrganizations({list: organizations.list, onTotal: () => undefined, onUnreadable: never})
    for (let taken = 0; taken < 90; taken += 1) await stream.next()
    assert.equal(organizations.reads.length, 2)
    await stream.return()
  })

  it('misses none when many are removed between two pages, and gives none twice when many are added', async () => {
    for (const change of [(list: OrganizationList) => list.remove(0), (list: OrganizationList) => list.add()]) {
      const organizations = createOrganizationList(2000, {
        beforeRead(list) {
          if (list.reads.length === 3) for (let times = 0; times < 150; times += 1) change(list)
        },
      })
      const before = organizations.slugs()
      const given = await all(organizations)
      assert.equal(new Set(given).size, given.length)
      const gone = new Set(before.slice(0, 150))
      assert.deepEqual(
        given.filter(slug => !gone.has(slug)),
        before.filter(slug => !gone.has(slug)),
      )
    }
  })

  it('goes on behind organizations whose creation date is unknown', async () => {
    const organizations = createOrganizationList(300)
    const list: OrganizationList['list'] = async request => {
      const page = await organizations.list(request)
      const unknown = page.organizations.map(({org_slug}) => ({org_slug, created_at: undefined}))
      return {...page, organizations: unknown}
    }
    assert.deepEqual(await all({...organizations, list}), organizations.slugs())
    const cursor = await cursorBehind({...organizations, list}, 150)
    assert.equal(cursor?.createdAt, undefined)
    assert.deepEqual(await all({...organizations, list}, cursor), organizations.slugs().slice(150))
  })

  it('throws what the list throws', async () => {
    const list = async () => {
      throw new Error('no list')
    }
    await assert.rejects(streamOrganizations({list, onTotal: () => undefined, onUnreadable: never}).next(), /no list/)
  })

  it('leaves no failure behind when the consumer has stopped', async () => {
    let reads = 0
    const {list: read} = createOrganizationList(500)
    const stream = streamOrganizations({
      onTotal: () => undefined,
      onUnreadable: never,
      async list(request) {
        reads += 1
        if (reads > 1) throw new Error('nobody hears this')
        return read(request)
      },
    })
    await stream.next()
    await stream.return()
    assert.equal(reads, 2)
  })

  it('goes on behind a cursor, whoever of those before it is gone', async () => {
    const organizations = createOrganizationList(1000)
    const before = organizations.slugs()
    const cursor = await cursorBehind(organizations, 400)
    // All that are remembered, and more.
    for (let times = 0; times < 60; times += 1) organizations.remove(350)
    assert.deepEqual(await all(organizations, cursor), before.slice(410))
  })

  it('goes on behind a cursor when the list has become much longer or shorter in front of it', async () => {
    for (const change of [-390, 700]) {
      const organizations = createOrganizationList(1000)
      const before = organizations.slugs()
      const cursor = await cursorBehind(organizations, 400)
      for (let times = 0; times < Math.abs(change); times += 1) {
        if (change < 0) organizations.remove(0)
        else organizations.add()
      }
      assert.deepEqual(await all(organizations, cursor), before.slice(400))
    }
  })

  it('goes on behind a cursor when the list is shorter now than where that stood', async () => {
    const organizations = createOrganizationList(450)
    const before = organizations.slugs()
    const cursor = await cursorBehind(organizations, 400)
    for (let times = 0; times < 370; times += 1) organizations.remove(0)
    assert.deepEqual(await all(organizations, cursor), before.slice(400))
  })

  it('gives nothing behind a cursor when everything after it is gone', async () => {
    const organizations = createOrganizationList(300)
    const cursor = await cursorBehind(organizations, 200)
    for (let times = 0; times < 100; times += 1) organizations.remove(200)
    assert.deepEqual(await all(organizations, cursor), [])
    for (let times = 0; times < 200; times += 1) organizations.remove(0)
    assert.deepEqual(await all(organizations, cursor), [])
  })

  it('keeps a cursor small', async () => {
    const cursor = await cursorBehind(createOrganizationList(5000), 4000)
    assert.ok(JSON.stringify(cursor).length < 1000)
  })

  it('gives each that is there all the time exactly once, whatever comes and goes between the pages', async () => {
    const change = fc.record({
      kind: fc.constantFrom('add', 'remove', 'reactivate'),
      at: fc.double({min: 0, max: 0.999, noNaN: true}),
    })
    const options = {numRuns: 200}
    await fc.assert(
      fc.asyncProperty(
        fc.integer({min: 0, max: 900}),
        fc.constantFrom(1, 3, 1000),
        fc.array(fc.array(change, {maxLength: 8}), {maxLength: 40}),
        fc.option(fc.integer({min: 1, max: 900}), {nil: undefined}),
        async (count, perMillisecond, changes, partSize) => {
          const touched = new Set<string>()
          const organizations = createOrganizationList(count, {
            perMillisecond,
            beforeRead(list) {
              for (const {kind, at} of changes[list.reads.length] ?? []) {
                const slugs = list.slugs()
                const index = Math.floor(at * slugs.length)
                if (kind === 'add') list.add()
                else if (kind === 'reactivate') list.reactivate(index)
                else {
                  touched.add(slugs[index] ?? '')
                  list.remove(index)
                }
              }
            },
          })
          const wanted = organizations.slugs()
          const given: string[] = []
          let cursor: ListCursor | undefined
          for (let isDone = false; !isDone; ) {
            isDone = true
            let left = partSize ?? Number.POSITIVE_INFINITY
            for await (const organization of streamOrganizations({
              list: organizations.list,
              after: cursor,
              onTotal: () => undefined,
              onUnreadable: never,
            })) {
              given.push(organization.orgSlug)
              cursor = advanceCursor(cursor, organization)
              left -= 1
              if (left === 0) {
                isDone = false
                break
              }
            }
          }
          assert.equal(new Set(given).size, given.length, 'none twice')
          const stayed = wanted.filter(slug => !touched.has(slug))
          assert.deepEqual(
            given.filter(slug => stayed.includes(slug)),
            stayed,
            'none missing, in order',
          )
        },
      ),
      options,
    )
  })
})

const never = (index: number) => assert.fail(`entry ${index} can be read`)

async function all({list}: OrganizationList, after?: ListCursor): Promise<string[]> {
  const slugs: string[] = []
  for await (const {orgSlug} of streamOrganizations({list, after, onTotal: () => undefined, onUnreadable: never}))
    slugs.push(orgSlug)
  return slugs
}

async function cursorBehind({list}: OrganizationList, count: number): Promise<ListCursor | undefined> {
  let cursor: ListCursor | undefined
  let taken = 0
  for await (const organization of streamOrganizations({list, onTotal: () => undefined, onUnreadable: never})) {
    cursor = advanceCursor(cursor, organization)
    taken += 1
    if (taken === count) break
  }
  return cursor
}
