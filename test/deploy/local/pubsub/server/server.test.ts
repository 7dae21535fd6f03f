import assert from 'node:assert/strict'
import {once} from 'node:events'
import {connect} from 'node:net'
import {networkInterfaces} from 'node:os'
import {v1} from '@google-cloud/pubsub'
import {credentials, status} from '@grpc/grpc-js'
import {startPubSubServer} from '../../../../../deploy/local/pubsub/server/server.ts'
import {startPushEndpoint} from '../push-endpoint.ts'
import {createRestClient, publish, refusalOf} from '../rest-client.ts'

const topic = 'projects/project-one/topics/orders'
const subscription = 'projects/project-one/subscriptions/orders'

describe('startPubSubServer', () => {
  it('tells where it listens, and refuses a port that is taken', async () => {
    const server = await startPubSubServer()
    assert.equal(server.host, `127.0.0.1:${server.port}`)
    await assert.rejects(startPubSubServer({port: server.port}), {code: 'EADDRINUSE'})
    await server.stop()
  })

  it('pushes to this machine only', async () => {
    const server = await startPubSubServer()
    const rest = createRestClient(server.host)
    await rest('PUT', topic, {})
    for (const pushEndpoint of [
      'https://example.com/push',
      'http://10.0.0.1/push',
      'http://127.0.0.1.example.com/',
      'http://0.0.0.0:80/',
      'http://localhost@example.com/',
      'ftp://127.0.0.1/',
    ]) {
      const {code, message} = refusalOf(await rest('PUT', subscription, {topic, pushConfig: {pushEndpoint}}))
      assert.equal(code, '400 INVALID_ARGUMENT', pushEndpoint)
      assert.match(message, /Invalid push endpoint given .* pushes to this machine only/)
    }
    for (const [index, pushEndpoint] of ['http://localhost:1/', 'http://[::1]:1/', 'http://127.0.0.1:1/x'].entries()) {
      const made = await rest('PUT', `${subscription}-${index}`, {topic, pushConfig: {pushEndpoint}})
      assert.equal(made.status, 200, pushEndpoint)
    }
    await server.stop()
  })

  it('is not there for other machines', async function () {
    const external = Object.values(networkInterfaces())
      .flatMap(addresses => addresses ?? [])
      .find(({internal, family}) => !internal && family === 'IPv4')
    if (external === undefined) this.skip()
    const server = await startPubSubServer()
    const socket = connect(server.port, external.address)
    const [error] = await once(socket, 'error')
    assert.equal(error.code, 'ECONNREFUSED')
    await server.stop()
  })

  it('stops with pulls, streams and pushes under way, and tells them so', async () => {
    const server = await startPubSubServer()
    const rest = createRestClient(server.host)
    const subscriber = new v1.SubscriberClient({
      servicePath: '127.0.0.1',
      port: server.port,
      sslCreds: credentials.createInsecure(),
    })
    const endpoint = await startPushEndpoint(() => undefined)
    await rest('PUT', topic, {})
    await rest('PUT', subscription, {topic})
    await rest('PUT', `${subscription}-pushed`, {topic, pushConfig: {pushEndpoint: endpoint.url}})
    const stream = subscriber.streamingPull()
    stream.write({subscription, streamAckDeadlineSeconds: 10})
    await once(stream, 'data')
    await publish(rest, topic, 'held')
    await Promise.all([once(stream, 'data'), endpoint.next()])
    const pull = rest('POST', `${subscription}:pull`, {maxMessages: 1}).then(refusalOf, () => 'cut')
    const failed = once(stream, 'error')
    await server.stop()
    assert.equal((await failed)[0].code, status.UNAVAILABLE)
    await pull
    await assert.rejects(fetch(`http://${server.host}/`))
    await subscriber.close()
    await endpoint.stop()
  })

  it('stops before anybody has asked for anything', async () => {
    const server = await startPubSubServer()
    await server.stop()
  })

  it('says which pushes failed', async () => {
    const lines: string[] = []
    const server = await startPubSubServer({log: line => lines.push(line)})
    const rest = createRestClient(server.host)
    let pushes = 0
    const endpoint = await startPushEndpoint(() => {
      pushes += 1
      return pushes === 1 ? 503 : 204
    })
    await rest('PUT', topic, {})
    await rest('PUT', subscription, {topic, pushConfig: {pushEndpoint: endpoint.url}})
    const [id] = await publish(rest, topic, 'refused')
    await endpoint.next()
    await endpoint.next()
    assert.deepEqual(lines, [`${subscription}: push of message ${id}, attempt 1, to ${endpoint.url} answered 503`])
    await server.stop()
    await endpoint.stop()
  })
})
