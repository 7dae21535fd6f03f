import assert from 'node:assert/strict'
import fc from 'fast-check'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {streamOrganizations} from '../../../lib/organization-sync/organization-stream.ts'
import {createOrganizationList, type OrganizationList} from '../../support/organization-list.ts'

/** As the API answers for every page that holds a row it can't serialize. */
const broken = (status = 500) => new UnavailableError(`HTTP ${status}`, {mayHaveExecuted: true, status})

/** The list of so many, where the rows at some places make their pages a 500. */
function listWith(count: number, unreadable: readonly number[], onRead: (list: OrganizationList) => void = () => {}) {
  const organizations = createOrganizationList(count)
  const bad = new Set(unreadable.map(index => organizations.slugs()[index]))
  const list: OrganizationList['list'] = async request => {
    onRead(organizations)
    const page = await organizations.list(request)
    if (page.organizations.some(({org_slug}) => bad.has(org_slug))) throw broken()
    return page
  }
  const wanted = organizations.slugs().filter(slug => !bad.has(slug))
  return {list, reads: organizations.reads, wanted, slugs: organizations.slugs}
}

async function read(list: OrganizationList['list']) {
  const given: string[] = []
  const unreadable = new Set<number>()
  for await (const {orgSlug} of streamOrganizations({
    list,
    onTotal: () => undefined,
    onUnreadable: index => unreadable.add(index),
  })) {
    given.push(orgSlug)
  }
  return {given, unreadable: [...unreadable]}
}

describe('streamOrganizations, where a row makes its pages a 500', () => {
  for (const [what, count, index] of [
    ['in the middle', 250, 137],
    ['at the beginning', 250, 0],
    ['at the end', 250, 249],
    ['alone', 1, 0],
  ] as const) {
    it(`gives all others, each once, and tells its place: ${what}`, async () => {
      const {list, reads, wanted} = listWith(count, [index])
      assert.deepEqual(await read(list), {given: wanted, unreadable: [index]})
      assert.ok(reads.length < 45, `${reads.length} pages`)
    })
  }

  it('gives all others wherever some such rows are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({min: 1, max: 500}),
        fc.uniqueArray(fc.integer({min: 0, max: 499}), {maxLength: 4}),
        async (count, indexes) => {
          const bad = indexes.filter(index => index < count)
          const {list, wanted} = listWith(count, bad)
          const {given, unreadable} = await read(list)
          assert.deepEqual(given, wanted)
          assert.deepEqual(
            unreadable,
            bad.toSorted((a, b) => a - b),
          )
        },
      ),
      {numRuns: 200},
    )
  })

  it('gives none twice when organizations are added while it narrows', async () => {
    let reads = 0
    const {list, wanted} = listWith(300, [150], organizations => {
      reads += 1
      if (reads > 2 && reads < 8) organizations.add()
    })
    const {given} = await read(list)
    assert.deepEqual(given, wanted)
  })

  it('goes on as if nothing had been where the 500 passes', async () => {
    const {list, wanted} = listWith(300, [])
    let reads = 0
    const flaky: OrganizationList['list'] = async request => {
      reads += 1
      if (reads === 2) throw broken()
      return list(request)
    }
    assert.deepEqual(await read(flaky), {given: wanted, unreadable: []})
  })

  it('throws where the whole list can’t be read, and at whatever is no 500', async () => {
    const asked: string[] = []
    const dead: OrganizationList['list'] = async ({page, pageSize}) => {
      asked.push(`${page}×${pageSize}`)
      throw broken()
    }
    await assert.rejects(read(dead), {status: 500})
    assert.ok(asked.length < 30, asked.join(' '))
    for (const status of [429, 502, 503]) {
      let reads = 0
      const list: OrganizationList['list'] = async () => {
        reads += 1
        throw broken(status)
      }
      await assert.rejects(read(list), {status})
      assert.equal(reads, 1)
    }
  })
})
