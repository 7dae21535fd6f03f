import assert from 'node:assert/strict'
import {ContractError} from '../../../lib/errors/contract-error.ts'
import {syncResult} from '../../support/organization-list.ts'
import {broken, createSyncApi, refusal} from '../../support/sync-api.ts'
import {runSyncPart} from '../../support/sync-part.ts'

describe('org-sync-all, where syncs fail', () => {
  for (const [what, sync] of [
    ['answers PARTIAL', () => syncResult({status: 'PARTIAL', errors: ['no access'], message: 'incomplete'})],
    ['answers errors beside a SUCCESS', () => syncResult({errors: ['no access']})],
    ['can’t be done now', () => Promise.reject(broken())],
    ['is answered against the contract', () => Promise.reject(new ContractError('no JSON'))],
    ['is refused with 422', () => Promise.reject(refusal(422, 'body'))],
  ] as const) {
    it(`tries an organization whose sync ${what} once more at the end, and goes on with the others`, async () => {
      const api = createSyncApi(30, (slug, call) => (slug === 'org_000025' && call === 1 ? sync() : syncResult()))
      const {outcome, lines} = await runSyncPart(api)
      assert.partialDeepStrictEqual(outcome, {event: 'succeeded', counts: {total: 30, synced: 30, failed: 0}})
      assert.equal(api.calls.length, 31)
      assert.equal(api.calls.at(-1), 'org_000025')
      assert.match(lines.join('\n'), /warn: org_000025 failed, to be tried once more: /)
    })
  }

  it('is degraded when some failed twice, with their errors and the command that repeats just those', async () => {
    const api = createSyncApi(5, slug =>
      ['org_000002', 'org_000004'].includes(slug)
        ? syncResult({status: 'PARTIAL', errors: ['no access', 'no table']})
        : syncResult(),
    )
    const {outcome} = await runSyncPart(api)
    assert.partialDeepStrictEqual(outcome, {event: 'degraded', counts: {total: 5, synced: 3, failed: 2}})
    assert.deepEqual(outcome.errors, ['org_000004: no access; no table', 'org_000002: no access; no table'])
    assert.equal(
      outcome.summary,
      '2 of 5 organizations failed, 3 synced.\nRepeat just these: npm run publish -- org-sync-all stage --arg org=org_000004 --arg org=org_000002',
    )
  })

  it('is failed when none was synced', async () => {
    const {outcome} = await runSyncPart(
      createSyncApi(2, () => Promise.reject(broken())),
      {projectId: 'cloudact-local'},
    )
    assert.partialDeepStrictEqual(outcome, {event: 'failed', counts: {total: 2, synced: 0, failed: 2}})
    assert.equal(outcome.errors.length, 2)
    assert.match(
      outcome.summary,
      /no organization was synced, 2 organizations failed\. Repeat just these: npm run publish -- org-sync-all local --arg org=/,
    )
  })

  for (const error of [refusal(401, 'no key'), refusal(403, 'wrong key'), refusal(404, 'Not Found')]) {
    it(`stops everything at ${error.status} ${error.detail}`, async () => {
      const api = createSyncApi(500, (_, __) => (api.calls.length > 50 ? Promise.reject(error) : syncResult()))
      await assert.rejects(runSyncPart(api), error)
      assert.ok(api.calls.length < 80, `${api.calls.length} calls`)
    })
  }

  it('throws what is none of an organization’s failures', async () => {
    await assert.rejects(runSyncPart(createSyncApi(50, () => Promise.reject(new TypeError('a bug')))), TypeError)
  })

  it('skips one that is not active any more when its turn comes, and says so', async () => {
    const api = createSyncApi(4, slug => {
      if (slug === 'org_000001') throw refusal(404, 'unknown')
      if (slug === 'org_000003') throw refusal(400, 'not active')
      return syncResult()
    })
    const {outcome} = await runSyncPart(api)
    assert.partialDeepStrictEqual(outcome, {event: 'succeeded', counts: {total: 4, synced: 2, failed: 0, skipped: 2}})
    assert.deepEqual(outcome.warnings, ['2 were not active any more when their turn came, and were skipped'])
    assert.equal(api.calls.length, 4)
  })

  it('is degraded when the list has organizations as active and the sync not a single one', async () => {
    const {outcome} = await runSyncPart(createSyncApi(3, () => Promise.reject(refusal(400, 'not active'))))
    assert.partialDeepStrictEqual(outcome, {event: 'degraded', counts: {total: 3, synced: 0, skipped: 3}})
  })

  it('never sends a name that is against the contract, nor puts it into a command', async () => {
    const api = createSyncApi(1)
    const listActiveOrganizations = async () => ({
      organizations: ['good_one', '../../admin/bootstrap', 'a; rm -rf ~'].map(org_slug => ({
        org_slug,
        created_at: new Date(0),
      })),
      total: 3,
      has_next: false,
    })
    const {outcome} = await runSyncPart({...api, listActiveOrganizations})
    assert.deepEqual(api.calls, ['good_one'])
    assert.partialDeepStrictEqual(outcome, {event: 'degraded', counts: {synced: 1, failed: 2}})
    assert.doesNotMatch(outcome.summary, /rm -rf|\.\./)
  })

  it('tries those that failed before the end where there are too many to remember', async () => {
    const api = createSyncApi(1000, (slug, call) =>
      Number(slug.slice(4)) > 400 && call === 1 ? Promise.reject(broken()) : syncResult(),
    )
    const {outcome} = await runSyncPart(api)
    assert.partialDeepStrictEqual(outcome, {event: 'succeeded', counts: {total: 1000, synced: 1000, failed: 0}})
    assert.equal(api.calls.length, 1600)
    assert.ok(api.calls.lastIndexOf('org_001000') < api.calls.indexOf('org_000400'))
  })

  it('counts failures without end, and names the first 200 of them', async () => {
    const api = createSyncApi(700, slug => (slug === 'org_000001' ? syncResult() : Promise.reject(broken())))
    const {outcome} = await runSyncPart(api)
    assert.partialDeepStrictEqual(outcome, {event: 'degraded', counts: {total: 700, synced: 1, failed: 699}})
    assert.deepEqual([outcome.errors.length, outcome.errors.at(-1)], [201, 'and 499 more, all in the log'])
    assert.match(outcome.summary, /repeat all, the others are in sync already: npm run publish -- org-sync-all stage$/)
  })
})
