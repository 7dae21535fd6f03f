import assert from 'node:assert/strict'
import {createApis} from './admin-api-client.ts'

const FRESH = {force_recreate_dataset: false, force_recreate_tables: false}
const SYNC = {sync_missing_tables: true, sync_missing_columns: true}

describe('createRateLimit', () => {
  const apis = createApis()
  afterEach(() => apis.stopAll())
  let time = Date.parse('2026-11-23T10:00:00Z')
  const now = () => new Date(time)

  it('lets two bootstraps a minute pass and says how long to wait before the third', async () => {
    const api = await apis.start({now})
    assert.equal((await api.post('/api/v1/admin/bootstrap', FRESH)).status, 200)
    time += 10_000
    assert.equal((await api.post('/api/v1/admin/bootstrap', FRESH)).status, 409)
    const third = await api.post('/api/v1/admin/bootstrap', FRESH)
    assert.equal(third.status, 429)
    assert.deepEqual(third.body, {
      detail: {
        error: 'Rate limit exceeded',
        message: 'Global rate limit exceeded for bootstrap',
        retry_after: 50,
      },
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

  it('has a shorter window and a Retry-After header where a test asks for them', async () => {
    const api = await apis.start({now, rateLimits: {windowSeconds: 3, retryAfterHeader: true}})
    for (let number = 1; number <= 2; number++) await api.post('/api/v1/admin/bootstrap', FRESH)
    const refused = await api.post('/api/v1/admin/bootstrap', FRESH)
    assert.equal(refused.status, 429)
    assert.equal(refused.headers.get('retry-after'), '3')
    time += 3000
    assert.equal((await api.post('/api/v1/admin/bootstrap', FRESH)).status, 409)
  })

  it('limits nothing when switched off', async () => {
    const api = await apis.start({now, rateLimits: false})
    for (let number = 1; number <= 8; number++) {
      assert.equal((await api.post('/api/v1/admin/bootstrap/sync', SYNC)).status, 200)
    }
  })
})
