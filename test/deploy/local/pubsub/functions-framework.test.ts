import assert from 'node:assert/strict'
import type {Server} from 'node:http'
import {type CloudEvent, cloudEvent} from '@google-cloud/functions-framework'
import {getTestServer} from '@google-cloud/functions-framework/testing'
import sinon from 'sinon'
import {conformanceServers, createNames, useServer} from './conformance-servers.ts'
import {createPubSubClient} from './pubsub-client.ts'
import {createRestClient} from './rest-client.ts'

for (const {name, start, check} of conformanceServers) {
  describe(`Pub/Sub, ${name}: the functions framework`, () => {
    const host = useServer(start)
    const names = createNames()
    const functionName = `receiver-of-${name.replaceAll(/\W+/g, '-').toLowerCase()}`
    const events: CloudEvent<unknown>[] = []
    let handle: () => void = () => {}
    let server: Server

    before(async () => {
      cloudEvent(functionName, (event: CloudEvent<unknown>) => {
        events.push(event)
        handle()
      })
      server = getTestServer(functionName)
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    })
    after(() => {
      server?.closeAllConnections()
      server?.close()
    })

    // The framework prints what a function throws.
    beforeEach(() => sinon.stub(console, 'error'))
    afterEach(() => sinon.restore())

    check('gets a message as a CloudEvent, and refuses by throwing', async () => {
      const client = createPubSubClient(host(), names.project)
      const rest = createRestClient(host())
      const [topic, subscription] = [names.topic(), names.subscription()]
      const address = server.address()
      assert.ok(typeof address === 'object' && address !== null)
      await rest('PUT', topic, {})
      await rest('PUT', subscription, {
        topic,
        pushConfig: {pushEndpoint: `http://127.0.0.1:${address.port}/${topic}`},
        retryPolicy: {minimumBackoff: '0.100s', maximumBackoff: '0.100s'},
      })
      const [id] = await Promise.all([
        client.topic(topic).publishMessage({data: Buffer.from('{}'), attributes: {job: 'bootstrap'}}),
        new Promise<void>((resolve, reject) => {
          handle = () => {
            if (events.length === 1) throw new Error('the first time')
            if (events.length === 2) resolve()
            else reject(new Error('pushed again after an acknowledgement'))
          }
        }),
      ])
      assert.deepEqual(
        events.map(({type, source, id}) => ({type, source, id})),
        Array(2).fill({
          type: 'google.cloud.pubsub.topic.v1.messagePublished',
          source: `//pubsub.googleapis.com/${topic}`,
          id,
        }),
      )
      assert.match(JSON.stringify(events[1]?.data), /"job":"bootstrap".*"data":"e30="|"data":"e30=".*"job":"bootstrap"/)
      await client.close()
    })
  })
}
