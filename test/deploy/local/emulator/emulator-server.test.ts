import assert from 'node:assert/strict'
import {type EmulatorServer, startEmulatorServer} from '../../../../deploy/local/emulator/emulator-server.ts'
import {type EmulatorRequest, type EmulatorResponse, withCaller} from '../../../../deploy/local/emulator/exchange.ts'
import {createInjectedFaults} from '../../../../deploy/local/emulator/injected-faults.ts'
import {until} from '../../../support/test-sandbox.ts'

describe('startEmulatorServer', () => {
  const faults = createInjectedFaults()
  let server: EmulatorServer
  let respond: (request: EmulatorRequest) => Promise<EmulatorResponse>

  beforeEach(async () => {
    respond = async () => ({status: 200, body: {}})
    server = await startEmulatorServer({faults, secret: 'the-key', respond: request => respond(request)})
  })
  afterEach(async () => {
    faults.clear()
    await server.stop()
  })

  const newest = (count: number) =>
    until(`${count} exchanges`, async () => {
      const exchanges = server.exchanges()
      return exchanges.length >= count ? exchanges.slice(-count) : undefined
    })

  it('tells its handler when the client has gone, and only then', async () => {
    const arrived = Promise.withResolvers<EmulatorRequest>()
    respond = request => {
      arrived.resolve(request)
      return new Promise(() => {})
    }
    const leaving = new AbortController()
    const answer = assert.rejects(fetch(server.url, {signal: leaving.signal}))
    const {signal} = await arrived.promise
    assert.equal(signal.aborted, false)
    const gone = new Promise(resolve => signal.addEventListener('abort', resolve))
    leaving.abort()
    await Promise.all([answer, gone])

    let answered: EmulatorRequest | undefined
    respond = async request => {
      answered = request
      return {status: 204}
    }
    await fetch(server.url)
    await newest(2)
    assert.equal(answered?.signal.aborted, false)
  })

  it('never answers a request that meets a hang, nor does its work', async () => {
    let calls = 0
    respond = async () => {
      calls += 1
      return {status: 200}
    }
    faults.inject({kind: 'hang', name: 'ledger:hang'})
    await assert.rejects(fetch(server.url, {signal: AbortSignal.timeout(100)}), {name: 'TimeoutError'})
    const [{status, fault} = {}] = await newest(1)
    assert.deepEqual([calls, status, fault], [0, undefined, 'ledger:hang'])
    assert.equal((await fetch(server.url)).status, 200)
  })

  it("stops while a request hangs, and while another's work goes on", async () => {
    faults.inject({kind: 'hang', path: '/hangs'})
    const arrived = Promise.withResolvers<void>()
    respond = () => {
      arrived.resolve()
      return new Promise(() => {})
    }
    const both = [fetch(`${server.url}/hangs`), fetch(`${server.url}/works`)].map(answer => assert.rejects(answer))
    await arrived.promise
    await server.stop()
    await Promise.all(both)
  })

  it('knows whose request it is by the address that the caller was given', async () => {
    const seen: unknown[] = []
    respond = async ({caller, url}) => {
      seen.push([caller, `${url.pathname}${url.search}`])
      return {status: 200}
    }
    await fetch(`${withCaller(server.url, 'cloudact-daily-alerts')}/api/v1/things?page=2`)
    await fetch(`${server.url}/api/v1/things`)
    assert.deepEqual(seen, [
      ['cloudact-daily-alerts', '/api/v1/things?page=2'],
      [undefined, '/api/v1/things'],
    ])
  })

  it('meets only what a fault is meant for, and as often as it says', async () => {
    const met: string[] = []
    faults.inject({
      kind: 'status',
      response: {status: 500},
      matches: ({caller}) => caller === 'cloudact-daily-alerts',
      times: 2,
      name: 'alerts:500',
      onMet: ({url}) => void met.push(url.pathname),
    })
    assert.deepEqual(faults.list(), [{name: 'alerts:500', left: 2}])
    const statuses = []
    for (const caller of ['cloudact-daily-pipelines', ...Array(3).fill('cloudact-daily-alerts')]) {
      statuses.push((await fetch(`${withCaller(server.url, caller)}/x`)).status)
    }
    assert.deepEqual(statuses, [200, 500, 500, 200])
    assert.deepEqual(met, ['/x', '/x'])
    assert.deepEqual(faults.list(), [])
  })

  it('keeps what it answered, without its secret', async () => {
    await fetch(`${withCaller(server.url, 'f')}/a/the-key`, {
      method: 'POST',
      headers: {'x-request-id': 'r-the-key', 'content-type': 'application/json'},
      body: JSON.stringify({query: "SELECT 'the-key'"}),
    })
    const [{at, milliseconds, ...exchange} = {}] = await newest(1)
    assert.ok(Date.parse(at ?? '') > 0 && milliseconds !== undefined && milliseconds >= 0)
    assert.deepEqual(exchange, {
      caller: 'f',
      method: 'POST',
      path: '/a/[secret]',
      requestId: 'r-[secret]',
      sql: "SELECT '[secret]'",
      status: 200,
      fault: undefined,
    })
  })

  it("keeps a function's requests when others ask all the time, and not more than a few thousand", async () => {
    await fetch(`${withCaller(server.url, 'f')}/first`)
    for (let sent = 0; sent < 700; sent += 1) await fetch(`${server.url}/poll`)
    const exchanges = server.exchanges()
    assert.equal(exchanges.filter(({path}) => path === '/first').length, 1)
    assert.ok(exchanges.length <= 600, String(exchanges.length))
  })
})
