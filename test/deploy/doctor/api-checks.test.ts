import assert from 'node:assert/strict'
import {apiChecks} from '../../../deploy/doctor/api-checks.ts'
import {runChecks} from '../../../deploy/doctor/check-result.ts'
import {type AdminApiEmulator, startAdminApi} from '../../../deploy/local/admin-api/server.ts'

describe('apiChecks', () => {
  const rootKey = 'k'.repeat(40)
  const stage = {name: 'stage', projectId: 'cloudact-testing-1'} as const
  let api: AdminApiEmulator
  before(async () => {
    api = await startAdminApi({rootKey, rateLimits: false})
  })
  after(() => api.stop())

  const look = async (variables: Record<string, string>) => {
    const found = await runChecks(apiChecks(stage, variables), new AbortController().signal)
    return Object.fromEntries(found.map(({what, state, detail}) => [what, `${state}: ${detail}`]))
  }

  it('finds the API, its release, and that it takes the key', async () => {
    const found = await look({API_SERVICE_URL: `${api.url}/`, CA_ROOT_API_KEY: rootKey})
    assert.match(found['admin API'] ?? '', /^ok: http:\/\/127\.0\.0\.1:\d+, release \d+\.\d+\.\d+$/)
    assert.equal(found['root key'], 'ok: accepted; bootstrap status is NOT_BOOTSTRAPPED')
  })

  it('says that a key is refused, and never which', async () => {
    const found = await look({API_SERVICE_URL: api.url, CA_ROOT_API_KEY: 'w'.repeat(40)})
    assert.match(found['root key'] ?? '', /^wrong: /)
    assert.doesNotMatch(JSON.stringify(found), /wwww/)
  })

  it('tries no key where the shell has none', async () => {
    const asked = () => api.requestLog.done.filter(({operation}) => operation.startsWith('bootstrap')).length
    const before = asked()
    assert.match((await look({API_SERVICE_URL: api.url}))['root key'] ?? '', /^notice: not tried/)
    assert.equal(asked(), before)
  })

  it('says that nobody answers', async () => {
    const found = await look({API_SERVICE_URL: 'http://127.0.0.1:9'})
    assert.match(found['admin API'] ?? '', /^wrong: http:\/\/127\.0\.0\.1:9 does not answer: /)
  })
})
