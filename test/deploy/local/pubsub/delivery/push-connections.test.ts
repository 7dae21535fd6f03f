import assert from 'node:assert/strict'
import {once} from 'node:events'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {createServer as createTcpServer, type Socket, type Server as TcpServer} from 'node:net'
import sinon from 'sinon'
import {
  createPushConnections,
  type PushConnections,
  type PushOutcome,
} from '../../../../../deploy/local/pubsub/delivery/push-connections.ts'
import {createTimerQueue} from '../../../../../deploy/local/pubsub/state/timer-queue.ts'

describe('createPushConnections', () => {
  let server: Server
  let clock: sinon.SinonFakeTimers
  let connections: PushConnections
  let accepted: Socket[]
  let answer: (request: IncomingMessage, response: ServerResponse) => void

  beforeEach(async () => {
    accepted = []
    answer = (_, response) => void response.writeHead(204).end()
    server = createServer((request, response) => answer(request, response))
    server.on('connection', (socket: Socket) => accepted.push(socket))
    // The timer clock's timer only: sockets and servers keep theirs.
    clock = sinon.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']})
    connections = await connectTo(server)
  })
  afterEach(() => {
    connections.retire()
    clock.restore()
    server.closeAllConnections()
    server.close()
  })

  async function connectTo(target: TcpServer): Promise<PushConnections> {
    await new Promise<void>(resolve => target.listen(0, '127.0.0.1', resolve))
    const address = target.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const timers = createTimerQueue(() => clock.now)
    return createPushConnections(new URL(`http://127.0.0.1:${port}/push?a=b`), timers, () => clock.now)
  }

  const post = (body: string) => new Promise<PushOutcome>(resolve => connections.post(body, resolve))

  it('posts JSON to the endpoint and gives the status', async () => {
    const chunks: string[] = []
    answer = (request, response) => {
      chunks.push(`${request.method} ${request.url} ${request.headers['content-type']} `)
      request.setEncoding('utf8').on('data', chunk => chunks.push(chunk))
      request.on('end', () => response.writeHead(418).end('a teapot'))
    }
    assert.deepEqual(await post('{"ä":1}'), {status: 418})
    assert.equal(chunks.join(''), 'POST /push?a=b application/json {"ä":1}')
  })

  it('keeps a connection for the next push, and opens more for pushes at the same time', async () => {
    for (let index = 0; index < 5; index += 1) await post('{}')
    assert.equal(accepted.length, 1)
    await Promise.all([post('{}'), post('{}'), post('{}')])
    assert.equal(accepted.length, 3)
  })

  it('uses no connection again that the other side closes, or whose answer has no end', async () => {
    for (const headers of [{connection: 'close'}, {'transfer-encoding': 'chunked'}]) {
      accepted.length = 0
      answer = (_, response) => void response.writeHead(200, headers).end('body')
      assert.deepEqual([await post('{}'), await post('{}')], [{status: 200}, {status: 200}])
      assert.equal(accepted.length, 2)
    }
  })

  it('closes a connection that was idle for long, before the other side does', async () => {
    await post('{}')
    const [socket] = accepted
    assert.ok(socket)
    const closed = once(socket, 'close')
    clock.tick(1500)
    await closed
    await post('{}')
    assert.equal(accepted.length, 2)
  })

  it('takes 102 for an answer, and keeps the connection until the real one', async () => {
    answer = (_, response) => {
      response.writeProcessing(() => setImmediate(() => response.writeHead(500).end()))
    }
    assert.deepEqual(await post('{}'), {status: 102})
  })

  it('says why there was no answer', async () => {
    answer = request => void request.socket.destroy()
    assert.deepEqual(await post('{}'), {problem: 'the connection was closed without an answer'})
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
    assert.deepEqual(await post('{}'), {problem: 'ECONNREFUSED'})
  })

  it('says so when the answer is no HTTP', async () => {
    const tcp = createTcpServer(socket => void socket.end('hello\r\n\r\n'))
    const other = await connectTo(tcp)
    assert.deepEqual(await new Promise(resolve => other.post('{}', resolve)), {
      problem: "the answer can't be read: it is no HTTP/1.1 answer",
    })
    tcp.close()
  })

  it('is silent about a push that was aborted, and closes its connection', async () => {
    const arrived = new Promise<Socket>(resolve => {
      answer = request => resolve(request.socket)
    })
    const outcome = sinon.spy()
    const abort = connections.post('{}', outcome)
    const socket = await arrived
    const closed = once(socket, 'close')
    abort()
    await closed
    sinon.assert.notCalled(outcome)
  })

  it('lets a push under way finish when it is retired, and then closes', async () => {
    const responses: ServerResponse[] = []
    const arrived = new Promise<void>(resolve => {
      answer = (_, response) => {
        responses.push(response)
        resolve()
      }
    })
    const outcome = post('{}')
    await arrived
    connections.retire()
    const [socket] = accepted
    assert.ok(socket)
    const closed = once(socket, 'close')
    responses[0]?.writeHead(204).end()
    assert.deepEqual(await outcome, {status: 204})
    await closed
  })
})
