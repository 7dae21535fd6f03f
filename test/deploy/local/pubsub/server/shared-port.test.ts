import assert from 'node:assert/strict'
import {once} from 'node:events'
import {connect, type Socket} from 'node:net'
import {listenOnSharedPort} from '../../../../../deploy/local/pubsub/server/shared-port.ts'

describe('listenOnSharedPort', () => {
  let listener: {port: number; stop: () => Promise<void>}
  let handed: Promise<{protocol: string; socket: Socket}>
  let clients: Socket[]

  beforeEach(async () => {
    clients = []
    const {promise, resolve} = Promise.withResolvers<{protocol: string; socket: Socket}>()
    handed = promise
    listener = await listenOnSharedPort({
      port: 0,
      onHttp1: socket => resolve({protocol: 'HTTP/1.1', socket}),
      onHttp2: socket => resolve({protocol: 'HTTP/2', socket}),
    })
  })
  afterEach(async () => {
    for (const client of clients) client.destroy()
    await listener.stop()
  })

  async function open(): Promise<Socket> {
    const client = connect({port: listener.port, host: '127.0.0.1', noDelay: true})
    client.on('error', () => {})
    clients.push(client)
    await once(client, 'connect')
    return client
  }

  for (const [protocol, text] of [
    ['HTTP/1.1', 'PUT /v1/projects/p/topics/t HTTP/1.1\r\n\r\n'],
    ['HTTP/1.1', 'PRINT / HTTP/1.1\r\n\r\n'],
    ['HTTP/1.1', 'G'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ] as const) {
    it(`hands over ${JSON.stringify(text)} as ${protocol}, with its first bytes`, async () => {
      const client = await open()
      client.write(text)
      const {protocol: actual, socket} = await handed
      assert.equal(actual, protocol)
      assert.equal(String(socket.read()), text)
    })
  }

  it('waits until it can tell, when the bytes come one by one', async () => {
    const client = await open()
    const text = 'PRI * HTTP/2.0'
    for (const byte of text) await new Promise<void>(resolve => client.write(byte, () => setImmediate(resolve)))
    const {protocol, socket} = await handed
    assert.equal(protocol, 'HTTP/2')
    let read = ''
    while (read.length < text.length) {
      const bytes: unknown = socket.read()
      if (bytes === null) await once(socket, 'readable')
      else read += String(bytes)
    }
    assert.equal(read, text)
  })

  it('outlives a client that leaves without a word', async () => {
    const leaving = await open()
    leaving.resetAndDestroy()
    const staying = await open()
    staying.write('GET / HTTP/1.1\r\n\r\n')
    assert.equal((await handed).protocol, 'HTTP/1.1')
  })

  it('cuts what is open when it stops', async () => {
    const client = await open()
    const closed = once(client, 'close')
    client.resume()
    await listener.stop()
    await closed
  })

  it('refuses a port that is taken', async () => {
    const ignore = () => {}
    await assert.rejects(listenOnSharedPort({port: listener.port, onHttp1: ignore, onHttp2: ignore}), {
      code: 'EADDRINUSE',
    })
  })
})
