import assert from 'node:assert/strict'
import {checkRootKey} from '../../../../deploy/local/admin-api/root-key.ts'
import {createApis, ROOT_KEY} from './admin-api-client.ts'

const STATUS = '/api/v1/admin/bootstrap/status'

describe('checkRootKey', () => {
  const apis = createApis()
  afterEach(() => apis.stopAll())

  it('refuses a request without the header with 401', async () => {
    const api = await apis.start()
    const response = await fetch(`${api.url}${STATUS}`)
    assert.equal(response.status, 401)
    assert.partialDeepStrictEqual(await response.json(), {
      detail: 'Root API key required. Provide X-CA-Root-Key header.',
    })
  })

  it('refuses an empty header like a missing one', async () => {
    const api = await apis.start()
    assert.equal((await api.get(STATUS, {headers: {'x-ca-root-key': ''}})).status, 401)
  })

  for (const [what, key] of [
    ['another key', 'another-key'],
    ['the start of the key', ROOT_KEY.slice(0, -1)],
    ['the key and more', `${ROOT_KEY}0`],
  ]) {
    it(`refuses ${what} with 403, whatever the route`, async () => {
      const api = await apis.start()
      const headers = {'x-ca-root-key': key ?? ''}
      for (const [method, path] of [
        ['GET', STATUS],
        ['POST', '/api/v1/admin/bootstrap'],
        ['POST', '/api/v1/admin/bootstrap/sync'],
        ['GET', '/api/v1/organizations'],
        ['POST', '/api/v1/organizations/acme_inc/sync'],
        ['POST', '/api/v1/quota/reset-daily'],
        ['POST', '/api/v1/quota/reset-monthly'],
        ['POST', '/api/v1/quota/cleanup-stale'],
        ['POST', '/api/v1/admin/alerts/process-all'],
        ['POST', '/api/v1/admin/pipelines/run-all'],
      ] as const) {
        const answer = await api.ask(method, path, {headers})
        assert.deepEqual([path, answer.status], [path, 403])
        assert.partialDeepStrictEqual(answer.body, {detail: 'Invalid root API key'})
      }
      assert.equal(api.requestLog.done.length, 0)
    })
  }

  it('refuses with 503 when the service was started without a key', async () => {
    const api = await apis.start({rootKey: ''})
    const answer = await api.get(STATUS)
    assert.equal(answer.status, 503)
    assert.partialDeepStrictEqual(answer.body, {
      detail: 'Root API key not configured. Set CA_ROOT_API_KEY environment variable.',
    })
  })

  it('lets the right key pass', () => {
    checkRootKey(ROOT_KEY, ROOT_KEY)
  })
})
