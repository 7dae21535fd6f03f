import assert from 'node:assert/strict'
import sinon from 'sinon'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {createOrganizationList, syncResult} from '../../support/organization-list.ts'
import {afterSyncs, createSyncApi, refusal, turn} from '../../support/sync-api.ts'
import {bootstrapStatus, runSyncPart, runSyncParts} from '../../support/sync-part.ts'

describe('org-sync-all', () => {
  describe('what it does', () => {
    it('syncs every active organization once, newest first', async () => {
      const api = createSyncApi(250)
      const {outcome} = await runSyncPart(api)
      assert.partialDeepStrictEqual(outcome, {
        event: 'succeeded',
        counts: {total: 250, synced: 250, failed: 0, skipped: 0},
      })
      assert.equal(outcome.summary, '250 organizations synced: nothing was missing')
      assert.deepEqual(api.calls, api.slugs())
    })

    it('adds up what the syncs did', async () => {
      const result = syncResult({
        dataset_created: true,
        tables_created: ['a', 'b'],
        columns_added: {c: ['d', 'e'], f: ['g']},
      })
      const {outcome} = await runSyncPart(createSyncApi(10, () => result))
      assert.partialDeepStrictEqual(outcome.counts, {datasetsCreated: 10, tablesCreated: 20, columnsAdded: 30})
      assert.equal(outcome.summary, '10 organizations synced: 10 datasets created, 20 tables created, 30 columns added')
    })

    it('succeeds with nothing to do where no organization is active', async () => {
      const {outcome} = await runSyncPart(createSyncApi(0))
      assert.partialDeepStrictEqual(outcome, {event: 'succeeded', counts: {total: 0, synced: 0, failed: 0}})
    })

    for (const [concurrency, args] of [
      [10, {}],
      [25, {concurrency: 25}],
    ] as const) {
      it(`has ${concurrency} in flight with ${JSON.stringify(args)}`, async () => {
        let inFlight = 0
        let most = 0
        const api = createSyncApi(200, async () => {
          inFlight += 1
          most = Math.max(most, inFlight)
          await turn()
          inFlight -= 1
          return syncResult()
        })
        await runSyncPart(api, {args})
        assert.equal(most, concurrency)
      })
    }

    it('has fewer in flight after a rate limit', async () => {
      const inFlight = new Set<string>()
      const mosts = {before: 0, after: 0}
      const {list} = createOrganizationList(300)
      let calls = 0
      await runSyncPart({
        listActiveOrganizations: list,
        async syncOrganization(orgSlug, options) {
          calls += 1
          inFlight.add(orgSlug)
          if (calls === 100)
            options?.onUnavailable?.(new UnavailableError('slow down', {mayHaveExecuted: false, status: 429}))
          if (calls === 110)
            options?.onUnavailable?.(new UnavailableError('broken', {mayHaveExecuted: true, status: 500}))
          if (calls <= 100) mosts.before = Math.max(mosts.before, inFlight.size)
          // Those in flight at the rate limit have ended by then, and the places have not come back yet.
          if (calls > 115 && calls <= 119) mosts.after = Math.max(mosts.after, inFlight.size)
          await turn()
          inFlight.delete(orgSlug)
          return syncResult()
        },
      })
      assert.equal(mosts.before, 10)
      assert.ok(mosts.after <= 7, `${mosts.after} in flight`)
    })

    it('tells how far it is', async () => {
      const api = createSyncApi(20, (slug, call) =>
        syncResult({status: slug === 'org_000020' && call === 1 ? 'PARTIAL' : 'SUCCESS'}),
      )
      const {progress} = await runSyncPart(api, {args: {concurrency: 1}})
      assert.deepEqual(
        [progress[0], progress[1], progress[2], progress.at(-1)],
        [
          {done: 0, failed: 0, total: 0},
          {done: 0, failed: 1, total: 20},
          {done: 1, failed: 1, total: 20},
          {done: 20, failed: 0, total: 20},
        ],
      )
    })
  })

  describe('before bootstrap', () => {
    for (const status of [
      {status: 'NOT_BOOTSTRAPPED', dataset_exists: false},
      {status: 'OUT_OF_SYNC', dataset_exists: false},
    ] as const) {
      it(`is failed, and says what to run first, at ${JSON.stringify(status)}`, async () => {
        const api = createSyncApi(3)
        const {outcome} = await runSyncPart({...api, bootstrapStatus: async () => bootstrapStatus(status)})
        assert.equal(outcome.event, 'failed')
        assert.match(outcome.summary, /run bootstrap first: npm run publish -- bootstrap stage$/)
        assert.deepEqual(api.calls, [])
      })
    }

    it('goes on, with a warning, where the central dataset lacks something', async () => {
      const bootstrap = async () => bootstrapStatus({status: 'OUT_OF_SYNC', message: '2 tables missing'})
      const {outcome, lines} = await runSyncPart({...createSyncApi(3), bootstrapStatus: bootstrap})
      assert.equal(outcome.event, 'succeeded')
      assert.match(lines.join('\n'), /warn: the central dataset is not in sync.*2 tables missing/)
    })

    it('asks in the first part only', async () => {
      const ask = sinon.fake.resolves(bootstrapStatus())
      const api = {...createSyncApi(60), bootstrapStatus: ask}
      const {parts} = await runSyncParts(api, {windDown: afterSyncs(api, 25)})
      assert.ok(parts > 1)
      assert.equal(ask.callCount, 1)
    })
  })

  describe('with organizations named', () => {
    it('syncs these, each once, and asks for no list', async () => {
      const api = createSyncApi(3)
      const listActiveOrganizations = sinon.fake.rejects(new Error('no list'))
      const args = {org: ['acme_inc', 'initech', 'acme_inc']}
      const {outcome} = await runSyncPart({...api, listActiveOrganizations}, {args})
      assert.partialDeepStrictEqual(outcome, {event: 'succeeded', counts: {total: 2, synced: 2}})
      assert.deepEqual(api.calls, ['acme_inc', 'initech'])
    })

    for (const status of [404, 400]) {
      it(`takes HTTP ${status} for a failure: somebody mistyped, or should know`, async () => {
        const api = createSyncApi(0, slug =>
          slug === 'nobody' ? Promise.reject(refusal(status, 'no such one')) : syncResult(),
        )
        const {outcome} = await runSyncPart(api, {args: {org: ['acme_inc', 'nobody']}})
        assert.partialDeepStrictEqual(outcome, {event: 'degraded', counts: {synced: 1, failed: 1, skipped: 0}})
        assert.match(outcome.errors[0] ?? '', /^nobody: .*no such one/)
      })
    }

    it('goes on with the rest of them in further parts', async () => {
      const api = createSyncApi(0)
      const org = Array.from({length: 300}, (_, i) => `named_${i}`)
      const {outcome, parts} = await runSyncParts(api, {args: {org}, windDown: afterSyncs(api, 70)})
      assert.partialDeepStrictEqual(outcome, {event: 'succeeded', counts: {total: 300, synced: 300}})
      assert.equal(parts, 5)
      assert.deepEqual(api.calls, org)
    })

    for (const args of [
      {org: []},
      {org: ['ab']},
      {org: ['Acme']},
      {org: ['a/../b']},
      {concurrency: 0},
      {concurrency: 51},
      {concurrency: 2.5},
      {orgs: ['acme_inc']},
    ]) {
      it(`refuses ${JSON.stringify(args)}`, () => assert.rejects(runSyncPart(createSyncApi(3), {args})))
    }
  })
})
