import assert from 'node:assert/strict'
import {request} from 'node:http'
import {ActionError} from '../../../deploy/console/action-error.ts'
import type {ApiRequest} from '../../../deploy/console/api.ts'
import {type ConsoleServer, startConsoleServer} from '../../../deploy/console/console-server.ts'
import {buildPage} from '../../../deploy/console/page-assets.ts'

describe('startConsoleServer', () => {
  let server: ConsoleServer
  let token: string
  const answered: ApiRequest[] = []
  before(async () => {
    server = await startConsoleServer({
      port: 0,
      loadPage: buildPage,
      async answer(asked) {
        answered.push(asked)
        if (asked.path === '/broken') throw new ActionError(409, 'try \u001b[31magain')
        return {path: asked.path}
      },
    })
    token = new URL(server.url).hash.replace('#token=', '')
  })
  after(() => server.stop())
  beforeEach(() => answered.splice(0))

  function ask(path: string, headers: Record<string, string> = {}, {method = 'GET', body = ''} = {}) {
    return new Promise<{status: number; headers: Record<string, unknown>; text: string}>((resolve, reject) => {
      const sent = request({host: '127.0.0.1', port: server.port, path, method, headers}, response => {
        let text = ''
        response.setEncoding('utf8').on('data', chunk => (text += chunk))
        response.on('end', () => resolve({status: response.statusCode ?? 0, headers: response.headers, text}))
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
  const json = {'content-type': 'application/json'}

  it('serves the page without a token, and all of it from itself', async () => {
    const html = await ask('/')
    assert.equal(html.status, 200)
    assert.match(
      String(html.headers['content-security-policy']),
      /default-src 'none'; script-src 'self'.*frame-ancestors 'none'/,
    )
    assert.doesNotMatch(html.text, /https?:\/\/(?!www\.w3\.org)/)
    const script = await ask('/page.js')
    assert.match(String(script.headers['content-type']), /javascript/)
    assert.ok(script.text.length < 120_000, `the page's code has ${script.text.length} bytes`)
  })

  it('answers its API to the token alone, wherever that is not in the address', async () => {
    assert.equal((await ask('/api/overview')).status, 401)
    assert.equal((await ask(`/api/overview?token=${token}`)).status, 401)
    assert.equal((await ask('/api/overview', {cookie: `token=${token}`})).status, 401)
    assert.equal((await ask('/api/overview', {'x-console-token': `${token}x`})).status, 401)
    assert.deepEqual(answered, [])
    const answer = await ask('/api/overview', {'x-console-token': token})
    assert.deepEqual([answer.status, answer.text], [200, '{"path":"/overview"}'])
    assert.equal(answer.headers['access-control-allow-origin'], undefined)
  })

  it('takes actions from its own page alone, as the browser says, and as JSON', async () => {
    const act = (headers: Record<string, string>, body = '{}') =>
      ask('/api/replays', {'x-console-token': token, ...headers}, {method: 'POST', body})
    assert.equal((await act(json)).status, 403)
    assert.equal((await act({...json, 'sec-fetch-site': 'same-site'})).status, 403)
    assert.equal((await act({...json, 'sec-fetch-site': 'cross-site'})).status, 403)
    assert.equal((await act({'content-type': 'text/plain', 'sec-fetch-site': 'same-origin'})).status, 415)
    assert.equal((await act({...json, 'sec-fetch-site': 'same-origin'}, '{')).status, 400)
    assert.deepEqual(answered, [])
    assert.equal((await act({...json, 'sec-fetch-site': 'same-origin'})).status, 200)
    assert.equal(answered.length, 1)
  })

  it('refuses a Host that is not its own, on every method and every file', async () => {
    for (const path of ['/', '/page.js', '/api/overview']) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
        const {status} = await ask(path, {host: 'attacker.example', 'x-console-token': token}, {method})
        assert.equal(status, 403, `${method} ${path}`)
      }
    }
    assert.deepEqual(answered, [])
  })

  it('says what was refused, without what would disturb a terminal', async () => {
    const answer = await ask('/api/broken', {'x-console-token': token})
    assert.equal(answer.status, 409)
    assert.doesNotMatch(JSON.parse(answer.text).error, /\p{Cc}/u)
    assert.match(answer.text, /try .*again/)
  })

  it('refuses a body that is larger than any action of the page', async () => {
    const headers = {...json, 'sec-fetch-site': 'same-origin', 'x-console-token': token}
    const {status} = await ask('/api/replays', headers, {method: 'POST', body: `"${'a'.repeat(2_000_001)}"`})
    assert.equal(status, 413)
  })
})
