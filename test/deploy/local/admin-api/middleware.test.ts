import assert from 'node:assert/strict'
import {createApis} from './admin-api-client.ts'

const LIST = '/api/v1/organizations'

describe('passMiddleware', () => {
  const apis = createApis()
  afterEach(() => apis.stopAll())

  it('answers 503 in maintenance, before the key is looked at, to everything but the health check', async () => {
    const api = await apis.start()
    api.maintenance.set(true)
    const answer = await api.get(LIST, {headers: {'x-ca-root-key': 'wrong'}})
    assert.equal(answer.status, 503)
    assert.equal(answer.headers.get('x-maintenance-mode'), 'true')
    assert.equal(answer.headers.get('retry-after'), '3600')
    assert.deepEqual(Object.keys(answer.body ?? {}), ['error', 'message', 'maintenance'])
    assert.equal((await api.get('/health')).status, 200)
    api.maintenance.set(false)
    assert.equal((await api.get(LIST)).status, 200)
    assert.equal(api.requestLog.done.length, 1)
  })

  for (const [what, headers] of [
    ['one header of more than 4 KB', {'x-large': 'a'.repeat(4097)}],
    ['more than 8 KB in all', {'x-one': 'a'.repeat(3000), 'x-two': 'a'.repeat(3000), 'x-three': 'a'.repeat(3000)}],
  ] as const) {
    it(`answers 400 INVALID_HEADERS without detail to ${what}`, async () => {
      const api = await apis.start()
      const answer = await api.get(LIST, {headers})
      assert.equal(answer.status, 400)
      assert.partialDeepStrictEqual(answer.body, {error: 'INVALID_HEADERS', category: 'VALIDATION'})
      assert.equal(Object.hasOwn(answer.body ?? {}, 'detail'), false)
    })
  }

  for (const path of ['/api/v1/organizations/Acme-Inc/sync', '/api/v1/organizations?org_slug=ab']) {
    it(`answers 400 INVALID_ORG_SLUG without detail to ${path}`, async () => {
      const api = await apis.start()
      const answer = await api.post(path, {})
      assert.equal(answer.status, 400)
      assert.partialDeepStrictEqual(answer.body, {error: 'INVALID_ORG_SLUG', category: 'VALIDATION'})
    })
  }
})
