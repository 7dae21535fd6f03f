import assert from 'node:assert/strict'
import {InterruptedError} from '../../../lib/errors/interrupted-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {createOrganizationList, syncResult} from '../../support/organization-list.ts'
import {afterSyncs, broken, createSyncApi, refusal} from '../../support/sync-api.ts'
import {runSyncPart, runSyncParts} from '../../support/sync-part.ts'

describe('org-sync-all, when the time is nearly up', () => {
  it('takes on nothing new, brings to an end what is in flight, and goes on with the rest', async () => {
    const api = createSyncApi(1000)
    const windDown = new AbortController()
    const sync = async (slug: string) => {
      if (api.calls.length === 400) windDown.abort()
      return api.syncOrganization(slug)
    }
    const {outcome} = await runSyncPart(
      {...api, syncOrganization: sync},
      {windDown: windDown.signal, args: {concurrency: 20}},
    )
    assert.partialDeepStrictEqual(outcome, {
      event: 'continued',
      counts: {done: api.calls.length, failed: 0, total: 1000},
    })
    assert.ok(api.calls.length < 425, `${api.calls.length} calls`)
    const rest = await runSyncPart(api, {args: JSON.parse(JSON.stringify(outcome.next))})
    assert.partialDeepStrictEqual(rest.outcome, {event: 'succeeded', counts: {total: 1000, synced: 1000}})
    assert.deepEqual(api.calls, api.slugs())
  })

  it('adds up over many parts, and keeps its message small', async () => {
    const api = createSyncApi(2000, (slug, call) => {
      if (slug.endsWith('7')) throw broken()
      if (slug.endsWith('3') && call === 1) throw broken()
      if (slug.endsWith('50')) throw refusal(400, 'not active')
      return syncResult({tables_created: ['a']})
    })
    const {outcome, parts, maxMessageLength} = await runSyncParts(api, {windDown: afterSyncs(api, 100)})
    assert.partialDeepStrictEqual(outcome, {
      event: 'degraded',
      counts: {total: 2000, synced: 1780, failed: 200, skipped: 20, tablesCreated: 1780},
    })
    assert.ok(parts > 10 && maxMessageLength < 60_000, `${parts} parts, ${maxMessageLength} bytes`)
    assert.equal(api.calls.length, 2000 + 400)
  })

  it('takes up what the signal cut off once it is due, and counts it as failed when that happens again', async () => {
    const cut = new InterruptedError('stopped', {mayHaveExecuted: true})
    const start = Date.now()
    const windDown = new AbortController()
    const api = createSyncApi(30, slug => {
      if (slug !== 'org_000030') return syncResult()
      windDown.abort()
      throw cut
    })
    const first = await runSyncPart(api, {windDown: windDown.signal, now: () => new Date(start)})
    assert.equal(first.outcome.event, 'continued')
    const args = {...first.outcome.next}

    // Cloud Run may still be at it: the others are done, and it is left for a part in which it is due.
    const early = new AbortController()
    const others = {
      ...api,
      async syncOrganization(slug: string) {
        assert.notEqual(slug, 'org_000030')
        if (new Set(api.calls).size === 29) setImmediate(() => early.abort())
        return api.syncOrganization(slug)
      },
    }
    const second = await runSyncPart(others, {args, windDown: early.signal, now: () => new Date(start + 599_000)})
    assert.partialDeepStrictEqual(second.outcome, {event: 'continued', counts: {done: 29}})
    const idle = new AbortController()
    setImmediate(() => idle.abort())
    const third = await runSyncPart(others, {
      args: {...second.outcome.next},
      windDown: idle.signal,
      now: () => new Date(start + 599_000),
    })
    assert.equal(third.outcome.event, 'continued', 'having waited is no reason to give up')

    const {outcome} = await runSyncPart(api, {
      args: {...third.outcome.next},
      now: () => new Date(start + 600_000),
    })
    assert.equal(api.calls.filter(slug => slug === 'org_000030').length, 2)
    assert.partialDeepStrictEqual(outcome, {event: 'degraded', counts: {total: 30, synced: 29, failed: 1}})
  })

  it('hands over when the list stops answering, and gives up for now when it does so at once', async () => {
    const list = createOrganizationList(500, {
      beforeRead({reads}) {
        if (reads.length > 2) throw broken()
      },
    })
    const api = {...createSyncApi(0), listActiveOrganizations: list.list}
    const {outcome} = await runSyncPart(api)
    assert.equal(outcome.event, 'continued')
    await assert.rejects(runSyncPart(api, {args: {...outcome.next}}), UnavailableError)
  })

  it('hands over at a rate limit that outlasts the client, without taking it for a failure', async () => {
    const limit = new UnavailableError('slow down', {mayHaveExecuted: false, status: 429})
    const api = createSyncApi(100, (_, call) =>
      api.calls.length > 50 && call === 1 && !isOver ? Promise.reject(limit) : syncResult(),
    )
    let isOver = false
    const first = await runSyncPart(api)
    assert.partialDeepStrictEqual(first.outcome, {event: 'continued', counts: {failed: 0}})
    const done = new Set(api.calls).size
    await assert.rejects(
      runSyncPart({...api, syncOrganization: () => Promise.reject(limit)}, {args: {...first.outcome.next}}),
      limit,
    )
    isOver = true
    const {outcome} = await runSyncPart(api, {args: {...first.outcome.next}})
    assert.partialDeepStrictEqual(outcome, {event: 'succeeded', counts: {total: 100, synced: 100, failed: 0}})
    assert.ok(done < 75, `${done} organizations met the rate limit`)
  })
})
