import assert from 'node:assert/strict'
import fc from 'fast-check'
import {InterruptedError} from '../../../lib/errors/interrupted-error.ts'
import {createOrganizationList, syncResult} from '../../support/organization-list.ts'
import {broken, refusal, turn} from '../../support/sync-api.ts'
import {runSyncPart} from '../../support/sync-part.ts'

describe('org-sync-all, through any scenario', function () {
  this.timeout(120_000)
  it('syncs each organization, exactly once where nothing failed and nothing was killed, whatever shifts', async () => {
    await fc.assert(fc.asyncProperty(scenario, runScenario), {numRuns: 150})
  })
})

const scenario = fc.record({
  count: fc.integer({min: 0, max: 250}),
  concurrency: fc.integer({min: 1, max: 50}),
  /** By the number of the organization, modulo its length. */
  fates: fc.array(fc.constantFrom('well', 'well', 'well', 'fails once', 'fails', 'gone'), {
    minLength: 1,
    maxLength: 13,
  }),
  /** What comes and goes before each page. */
  changes: fc.array(
    fc.array(fc.tuple(fc.constantFrom('add', 'remove'), fc.double({min: 0, max: 0.999, noNaN: true})), {maxLength: 4}),
    {
      maxLength: 12,
    },
  ),
  /** Each part's end: after so many syncs; whether those in flight are cut off; whether it is killed, and redelivered. */
  parts: fc.array(
    fc.record({
      syncs: fc.integer({min: 1, max: 60}),
      end: fc.constantFrom('winds down', 'winds down', 'is cut off', 'is killed'),
    }),
    {maxLength: 12},
  ),
})
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

async function runScenario({count, concurrency, fates, changes, parts}: Scenario): Promise<void> {
  const removed = new Set<string>()
  const organizations = createOrganizationList(count, {
    beforeRead(list) {
      for (const [kind, at] of changes[list.reads.length] ?? []) {
        const slugs = list.slugs()
        const index = Math.floor(at * slugs.length)
        if (kind === 'add') list.add()
        else if (slugs[index] !== undefined) {
          removed.add(slugs[index])
          list.remove(index)
        }
      }
    },
  })
  const wanted = organizations.slugs()
  const fateOf = (slug: string) => fates[Number(/\d+$/.exec(slug)?.[0] ?? 0) % fates.length] ?? 'well'
  const calls = new Map<string, number>()
  let args: Record<string, unknown> = {concurrency}
  const start = Date.now()
  let isDisturbed = false
  let isCutOff = false

  for (let number = 0; ; number += 1) {
    assert.ok(number < 1000, 'the run comes to an end')
    const {syncs, end} = parts[number] ?? {syncs: Number.POSITIVE_INFINITY, end: 'winds down'}
    const windDown = new AbortController()
    let begun = 0
    const api = {
      listActiveOrganizations: organizations.list,
      async syncOrganization(slug: string) {
        const call = (calls.get(slug) ?? 0) + 1
        calls.set(slug, call)
        begun += 1
        if (begun === syncs) windDown.abort()
        for (let turns = slug.charCodeAt(slug.length - 1) % 3; turns >= 0; turns -= 1) await turn()
        if (windDown.signal.aborted && end === 'is cut off') {
          isDisturbed = true
          isCutOff = true
          throw new InterruptedError('cut off')
        }
        const fate = fateOf(slug)
        if (fate === 'gone') throw refusal(400, 'not active')
        if (fate === 'fails' || (fate === 'fails once' && call === 1)) throw broken()
        return syncResult()
      },
    }
    const {outcome} = await runSyncPart(api, {
      args,
      windDown: windDown.signal,
      // What a part cut off is due in the next.
      now: () => new Date(start + number * 700_000),
    })
    if (windDown.signal.aborted && end === 'is killed') {
      isDisturbed = true
      continue
    }
    if (outcome.event === 'continued') {
      args = JSON.parse(JSON.stringify(outcome.next))
      continue
    }

    const {total = 0, synced = 0, failed = 0, skipped = 0} = outcome.counts
    const called = [...calls.keys()]
    assert.equal(total, synced + failed + skipped)
    if (!isCutOff) {
      // What only a killed part has seen may have been removed before the part came again.
      const atLeast = (fate: RegExp) => wanted.filter(slug => !removed.has(slug) && fate.test(fateOf(slug))).length
      assert.ok(synced >= atLeast(/well|once/) && failed >= atLeast(/fails$/) && skipped >= atLeast(/gone/))
    }
    if (!isDisturbed) {
      const of = (...names: string[]) => called.filter(slug => names.includes(fateOf(slug))).length
      assert.deepEqual([synced, failed, skipped], [of('well', 'fails once'), of('fails'), of('gone')])
      for (const [slug, times] of calls) assert.equal(times, fateOf(slug).startsWith('fails') ? 2 : 1, slug)
    }
    for (const slug of wanted) if (!removed.has(slug)) assert.ok(calls.has(slug), `${slug} was synced`)
    return
  }
}
