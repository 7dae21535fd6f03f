import assert from 'node:assert/strict'
import {createApis} from './admin-api-client.ts'

describe('findRoute', () => {
  const apis = createApis()
  afterEach(() => apis.stopAll())

  for (const path of [
    '/api/v1/quota/reset-hourly',
    '/api/v1/admin/bootstrap/',
    '/api/v2/admin/bootstrap',
    '/api/v1/organizations/acme_inc',
    '/',
  ]) {
    it(`answers 404 Not Found for ${path}, before it asks for a key`, async () => {
      const api = await apis.start()
      const answer = await api.ask('POST', path, {headers: {'x-ca-root-key': 'wrong'}})
      assert.equal(answer.status, 404)
      assert.deepEqual(answer.body, {detail: 'Not Found'})
    })
  }

  for (const [method, path, allow] of [
    ['GET', '/api/v1/admin/bootstrap', 'POST'],
    ['POST', '/api/v1/admin/bootstrap/status', 'GET'],
    ['PUT', '/api/v1/quota/reset-daily', 'POST'],
    ['DELETE', '/api/v1/organizations', 'GET'],
  ] as const) {
    it(`answers 405 for ${method} ${path}`, async () => {
      const api = await apis.start()
      const answer = await api.ask(method, path)
      assert.equal(answer.status, 405)
      assert.deepEqual(answer.body, {detail: 'Method Not Allowed'})
      assert.equal(answer.headers.get('allow'), allow)
    })
  }

  it('enters what it refuses in the books', async () => {
    const api = await apis.start()
    await api.post('/api/v1/nothing', {}, {headers: {'x-request-id': 'r-1'}})
    assert.equal(api.requestLog.done.length, 0)
    assert.partialDeepStrictEqual(api.requestLog.refused, [
      {method: 'POST', path: '/api/v1/nothing', status: 404, requestId: 'r-1'},
    ])
  })
})
