import assert from 'node:assert/strict'
import {createApis, ROOT_KEY, until} from './admin-api-client.ts'

const DAILY = '/api/v1/quota/reset-daily'
const SYNC = {sync_missing_tables: true, sync_missing_columns: true, recreate_views: false}
const STATUS = '/api/v1/admin/bootstrap/status'

describe('createService', () => {
  const apis = createApis()
  afterEach(() => apis.stopAll())

  it('logs who asked for what, and when', async () => {
    const api = await apis.start({now: () => new Date('2026-11-23T10:00:00Z')})
    await api.post(DAILY, undefined, {headers: {'x-request-id': 'r-1', 'user-agent': 'jobs/1.2.3'}})
    assert.deepEqual(api.requestLog.done, [
      {
        operation: 'reset-daily',
        at: '2026-11-23T10:00:00.000Z',
        requestId: 'r-1',
        userAgent: 'jobs/1.2.3',
        orgSlug: undefined,
        changes: 12,
        clientGone: false,
        finished: true,
      },
    ])
  })

  it('keeps the root key out of the request log wherever a client puts it', async () => {
    const api = await apis.start()
    const headers = {'x-request-id': `id-${ROOT_KEY}`, 'user-agent': `agent ${ROOT_KEY}`}
    await api.post(DAILY, undefined, {headers})
    await api.post(`/api/v1/${ROOT_KEY}`, {}, {headers})
    await api.post(
      '/api/v1/admin/alerts/process-all',
      {alert_types: ['cost_threshold'], send_notifications: true, dry_run: false},
      {headers},
    )
    await api.post('/api/v1/admin/bootstrap', {force_recreate_dataset: true, force_recreate_tables: true}, {headers})
    assert.equal(JSON.stringify(api.requestLog).includes(ROOT_KEY), false)
    assert.partialDeepStrictEqual(api.requestLog, {
      done: [{requestId: 'id-[root key]', userAgent: 'agent [root key]'}],
      refused: [{path: '/api/v1/[root key]'}],
      notifications: [{requestId: 'id-[root key]'}],
      destructions: [{requestId: 'id-[root key]'}],
    })
  })

  it('brings work to its end after its client has gone', async () => {
    const api = await apis.start()
    await askAndGo(api)
    await until(() => api.requestLog.done.length === 1)
    assert.partialDeepStrictEqual(api.requestLog.done, [{changes: 12, clientGone: true, finished: true}])
  })

  it('ends work when its client has gone, where a test wants that', async () => {
    const api = await apis.start({afterClientGone: 'stops'})
    await askAndGo(api)
    await until(() => api.requestLog.done.length === 1)
    assert.partialDeepStrictEqual(api.requestLog.done, [{changes: 0, clientGone: true, finished: false}])
    assert.equal(api.organizations.get('acme_inc')?.state.quotaDate, undefined)
  })

  it('answers 504 after the time that a request may take, while the work goes on', async () => {
    const api = await apis.start({closesAfterSeconds: 0.01, secondsPerOrganization: 0.02})
    assert.equal((await api.post(DAILY)).status, 504)
    await until(() => api.requestLog.done.length === 1)
    assert.partialDeepStrictEqual(api.requestLog.done, [{changes: 12, clientGone: true, finished: true}])
  })

  it('takes the time that is asked for before the work', async () => {
    const asked: string[] = []
    const api = await apis.start({
      latencyMilliseconds(method, path) {
        asked.push(`${method} ${path}`)
        return 30
      },
    })
    const start = performance.now()
    assert.equal((await api.get(STATUS)).status, 200)
    assert.ok(performance.now() - start >= 29)
    assert.deepEqual(asked, [`GET ${STATUS}`])
    await api.ask('PUT', STATUS)
    assert.equal(asked.length, 1, 'a refusal takes no time')
  })

  it('ends work under way, and its pauses, when it is stopped', async () => {
    let isUnderWay = false
    const latencyMilliseconds = () => {
      isUnderWay = true
      return 0
    }
    const api = await apis.start({secondsPerOrganization: 600, latencyMilliseconds})
    const answer = assert.rejects(api.post(DAILY))
    await until(() => isUnderWay)
    await api.stop()
    await answer
    assert.partialDeepStrictEqual(api.requestLog.done, [{operation: 'reset-daily', changes: 0, finished: false}])
  })

  it('answers what is within FastAPI without a request id, and its own refusals with one', async () => {
    const api = await apis.start()
    const ask = (path: string, json?: object) => api.post(path, json, {headers: {'x-request-id': 'r-2'}})
    assert.deepEqual((await ask('/api/v1/nothing')).body, {detail: 'Not Found'})
    assert.deepEqual(Object.keys((await ask('/api/v1/admin/bootstrap', {})).body ?? {}), ['detail'])
    assert.deepEqual((await ask('/api/v1/organizations/nobody/sync', SYNC)).body, {
      detail: "Organization 'nobody' not found. Use /organizations/onboard first.",
      request_id: 'r-2',
    })
  })

  describe('instances', () => {
    it('work on one request after another, however many come at once', async () => {
      const api = await apis.start({secondsPerOrganization: 0.02})
      const start = performance.now()
      await Promise.all(['acme_inc', 'initech', 'wayne_tech'].map(slug => sync(api, slug)))
      assert.ok(performance.now() - start >= 59, 'as long as three in a row')
      const order = api.requestLog.done.map(({orgSlug}) => orgSlug)
      assert.equal(new Set(order).size, 3)
    })

    it('share the requests that come after there were more of them', async () => {
      const working: string[] = []
      const api = await apis.start({
        latencyMilliseconds(_, path) {
          working.push(path.split('/')[4] ?? '')
          return 0
        },
        secondsPerOrganization: 600,
      })
      const first = [sync(api, 'acme_inc'), sync(api, 'initech')]
      await until(() => api.instances.waiting() === 2)
      api.instances.set(2)
      first.push(sync(api, 'wayne_tech'))
      await until(() => working.length === 2)
      assert.deepEqual(working, ['acme_inc', 'wayne_tech'], 'initech stays where it was given')
      const ended = Promise.allSettled(first)
      await api.stop()
      await ended
    })

    it('count a request’s time from its arrival: one that waited long enough is a 504, and is worked on later', async () => {
      const api = await apis.start({secondsPerOrganization: 0.03, closesAfterSeconds: 0.045})
      const answers = await Promise.all(['acme_inc', 'initech'].map(slug => sync(api, slug)))
      assert.deepEqual(answers.map(({status}) => status).sort(), [200, 504])
      await until(() => api.requestLog.done.length === 2)
      assert.partialDeepStrictEqual(api.requestLog.done, [{finished: true}, {finished: true, clientGone: true}])
    })
  })

  function sync(api: Awaited<ReturnType<typeof apis.start>>, slug: string) {
    return api.post(`/api/v1/organizations/${slug}/sync`, SYNC)
  }

  /** Held back by a fault until its client has gone, so that the work begins without one. */
  async function askAndGo(api: Awaited<ReturnType<typeof apis.start>>): Promise<void> {
    api.faults.inject({path: DAILY, kind: 'slow', delayMilliseconds: 600_000})
    const leaving = new AbortController()
    const answer = api.post(DAILY, undefined, {signal: leaving.signal})
    await until(() => api.faults.pending() === 0)
    leaving.abort()
    await assert.rejects(answer)
  }
})
