import assert from 'node:assert/strict'
import {createApis} from './admin-api-client.ts'

const FRESH = {force_recreate_dataset: false, force_recreate_tables: false}
const LIST = '/api/v1/organizations'
const SYNC = {sync_missing_tables: true, sync_missing_columns: true}

describe('createRateLimit', () => {
  const apis = createApis()
  afterEach(() => apis.stopAll())
  let time = Date.parse('2026-11-23T10:00:00Z')
  const now = () => new Date(time)

  it('lets two bootstraps a minute pass, a 409 included, and names a Unix time to the third', async () => {
    time = Date.parse('2026-11-23T10:00:00Z')
    const api = await apis.start({now, rateLimits: {names: 'next'}})
    assert.equal((await api.post('/api/v1/admin/bootstrap', FRESH)).status, 200)
    time += 10_000
    assert.equal((await api.post('/api/v1/admin/bootstrap', FRESH)).status, 409)
    const third = await api.post('/api/v1/admin/bootstrap', FRESH, {headers: {'x-request-id': 'r-3'}})
    assert.equal(third.status, 429)
    assert.deepEqual(third.body, {
      detail: {
        error: 'Rate limit exceeded',
        message: 'Global rate limit exceeded for bootstrap',
        retry_after: Date.parse('2026-11-23T10:01:00Z') / 1000,
      },
      request_id: 'r-3',
    })
    assert.equal(third.headers.get('retry-after'), null)

    time += 50_000
    assert.equal((await api.post('/api/v1/admin/bootstrap', FRESH)).status, 409, 'the oldest has left the window')
    assert.equal((await api.post('/api/v1/admin/bootstrap', FRESH)).status, 429, 'the second is still in it')
  })

  it('lets five syncs a minute pass, counted apart from bootstraps', async () => {
    const api = await apis.start({now})
    await api.post('/api/v1/admin/bootstrap', FRESH)
    for (let number = 1; number <= 5; number++) {
      assert.equal((await api.post('/api/v1/admin/bootstrap/sync', SYNC)).status, 200)
    }
    assert.equal((await api.post('/api/v1/admin/bootstrap/sync', SYNC)).status, 429)
    assert.equal(api.requestLog.done.filter(({operation}) => operation === 'bootstrap-sync').length, 5)
  })

  it('does not count what was refused for its body', async () => {
    const api = await apis.start({now})
    for (let number = 1; number <= 5; number++) await api.post('/api/v1/admin/bootstrap', {})
    assert.equal((await api.post('/api/v1/admin/bootstrap', FRESH)).status, 200)
  })

  it('names the moment of the refusal itself, as the service computes it', async () => {
    const api = await apis.start({now})
    for (let number = 1; number <= 2; number++) await api.post('/api/v1/admin/bootstrap', FRESH)
    time += 10_000
    assert.partialDeepStrictEqual((await api.post('/api/v1/admin/bootstrap', FRESH)).body, {
      detail: {retry_after: Math.floor(time / 1000)},
    })
  })

  it('limits the whole /api by middleware: a body without detail, and the same time in two headers', async () => {
    const api = await apis.start({now, rateLimits: {requestsOfAll: 3, names: 'next'}})
    for (let number = 1; number <= 3; number++) assert.equal((await api.get(LIST)).status, 200)
    const refused = await api.get(LIST)
    const resetAt = Math.ceil(time / 1000 + 60)
    assert.equal(refused.status, 429)
    assert.deepEqual(refused.body, {
      error: 'Rate limit exceeded',
      message: 'Global rate limit exceeded',
      retry_after: resetAt,
    })
    for (const header of ['retry-after', 'x-ratelimit-reset']) {
      assert.equal(refused.headers.get(header), String(resetAt))
    }
    assert.equal((await api.ask('GET', '/health')).status, 200)
    time += 60_000
    assert.equal((await api.get(LIST)).status, 200)
  })

  it('limits the whole /api for an hour, too', async () => {
    const api = await apis.start({now, rateLimits: {requestsOfAllAnHour: 2}})
    for (let number = 1; number <= 2; number++) assert.equal((await api.get(LIST)).status, 200)
    time += 120_000
    assert.equal((await api.get(LIST)).status, 429)
    time += 3_600_000
    assert.equal((await api.get(LIST)).status, 200)
  })

  it('limits nothing when switched off', async () => {
    const api = await apis.start({now, rateLimits: false})
    for (let number = 1; number <= 8; number++) {
      assert.equal((await api.post('/api/v1/admin/bootstrap/sync', SYNC)).status, 200)
    }
  })
})
