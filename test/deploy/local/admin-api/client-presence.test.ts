import assert from 'node:assert/strict'
import {hasSubscribers} from 'node:diagnostics_channel'
import {createServer, type IncomingHttpHeaders} from 'node:http'
import type {AddressInfo} from 'node:net'
import {watchClients} from '../../../../deploy/local/admin-api/client-presence.ts'

describe('watchClients', () => {
  it('knows a client that waits from one that has gone', async () => {
    const clients = watchClients()
    const arrived = Promise.withResolvers<IncomingHttpHeaders>()
    const left = Promise.withResolvers<void>()
    const server = createServer((request, response) => {
      response.once('close', () => left.resolve())
      arrived.resolve(request.headers)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as AddressInfo
    try {
      const leaving = new AbortController()
      const answer = assert.rejects(fetch(`http://127.0.0.1:${port}/`, {signal: leaving.signal}))
      const headers = await arrived.promise
      assert.equal(clients.isGone(headers), false)
      leaving.abort()
      await answer
      await left.promise
      assert.equal(clients.isGone(headers), true)
      assert.equal(clients.isGone({}), false, 'a request that it never saw')
    } finally {
      clients.stop()
      await new Promise(resolve => server.close(resolve))
    }
  })

  it('listens no longer once stopped', () => {
    const before = hasSubscribers('http.server.request.start')
    const clients = watchClients()
    assert.equal(hasSubscribers('http.server.request.start'), true)
    clients.stop()
    assert.equal(hasSubscribers('http.server.request.start'), before)
  })
})
