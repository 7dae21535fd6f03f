import assert from 'node:assert/strict'
import type {ServerResponse} from 'node:http'
import {conformanceServers, createNames, useServer} from './conformance-servers.ts'
import {type Push, type PushEndpoint, startPushEndpoint} from './push-endpoint.ts'
import {createRestClient, publish, pullSome, type RestClient, textOf} from './rest-client.ts'

const soon = {minimumBackoff: '0.100s', maximumBackoff: '0.400s'}

for (const {name, start, check} of conformanceServers) {
  describe(`Pub/Sub, ${name}: push`, () => {
    const host = useServer(start)
    const names = createNames()
    let rest: RestClient
    let topic: string
    let subscription: string
    let endpoint: PushEndpoint | undefined

    before(() => {
      rest = createRestClient(host())
    })
    beforeEach(async () => {
      topic = names.topic()
      subscription = names.subscription()
      await rest('PUT', topic, {})
    })
    afterEach(async () => {
      await rest('DELETE', subscription)
      await endpoint?.stop()
      endpoint = undefined
    })

    async function subscribe(
      answer: (push: Push, response: ServerResponse) => number | undefined,
      settings: Record<string, unknown> = {},
    ): Promise<PushEndpoint> {
      endpoint = await startPushEndpoint(answer)
      const pushConfig = {pushEndpoint: endpoint.url}
      const {status} = await rest('PUT', subscription, {topic, pushConfig, retryPolicy: soon, ...settings})
      assert.equal(status, 200)
      return endpoint
    }

    check("posts a message in Google's form", async () => {
      const {next} = await subscribe(() => 204)
      const [id] = await publish(rest, topic, {data: 'w6TDtg==', attributes: {job: 'bootstrap', schlüssel: 'wert'}})
      const {request, body, text} = await next()
      assert.equal(request.method, 'POST')
      assert.equal(request.url, '/projects/project-one/topics/orders')
      assert.match(request.headers['content-type'] ?? '', /^application\/json/)
      assert.equal(text, 'äö')
      assert.equal(body.subscription, subscription)
      assert.deepEqual(body.message.attributes, {job: 'bootstrap', schlüssel: 'wert'})
      assert.equal(body.message.messageId, id)
      assert.equal(body.message['message_id'], id)
      assert.equal(body.message['publish_time'], body.message.publishTime)
      assert.match(body.message.publishTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/)
      assert.equal(body.deliveryAttempt, undefined)
    })

    check('leaves out what a message has not, and adds what the subscription asks for', 'pushes less', async () => {
      const deadLetterPolicy = {deadLetterTopic: topic}
      const {next} = await subscribe(() => 204, {enableMessageOrdering: true, deadLetterPolicy})
      await publish(rest, topic, {data: 'eA==', orderingKey: 'key'}, {attributes: {a: 'b'}})
      const bodies = [await next(), await next()].map(({raw, body}) => ({
        fields: [...raw.matchAll(/"(data|attributes|orderingKey)":/g)].map(([, field]) => field),
        deliveryAttempt: body.deliveryAttempt,
      }))
      assert.deepEqual(bodies, [
        {fields: ['data', 'orderingKey'], deliveryAttempt: 1},
        {fields: ['attributes'], deliveryAttempt: 1},
      ])
    })

    for (const status of [200, 201, 202, 204]) {
      const title = `takes ${status} for an acknowledgement`
      if (status === 202) check(title, 'other acknowledging statuses', () => assertAcknowledging(status))
      else check(title, () => assertAcknowledging(status))
    }

    async function assertAcknowledging(status: number): Promise<void> {
      const counts = new Map<string, number>()
      const {next} = await subscribe(({text}) => {
        counts.set(text, (counts.get(text) ?? 0) + 1)
        return text === 'marker' && counts.get(text) === 1 ? 500 : status
      })
      await publish(rest, topic, 'accepted')
      await next()
      // A marker that is refused comes again later than the first message would.
      await publish(rest, topic, 'marker')
      await next()
      assert.equal((await next()).text, 'marker')
      assert.equal(counts.get('accepted'), 1)
    }

    for (const status of [203, 301, 400, 404, 429, 500, 503]) {
      const title = `pushes again after ${status}`
      if (status === 203) check(title, 'other acknowledging statuses', () => assertRefusing(status))
      else check(title, () => assertRefusing(status))
    }

    async function assertRefusing(status: number): Promise<void> {
      let pushes = 0
      const {next} = await subscribe(() => {
        pushes += 1
        return pushes === 1 ? status : 204
      })
      const [id] = await publish(rest, topic, 'refused')
      assert.equal((await next()).body.message.messageId, id)
      assert.equal((await next()).body.message.messageId, id)
    }

    check('pushes again after the connection was cut', async () => {
      let pushes = 0
      const {next} = await subscribe(({request}) => {
        pushes += 1
        if (pushes > 1) return 204
        request.socket.destroy()
        return undefined
      })
      await publish(rest, topic, 'cut')
      assert.deepEqual([(await next()).text, (await next()).text], ['cut', 'cut'])
    })

    check('waits longer after each failure, up to the maximum', async () => {
      const {next} = await subscribe(() => 500)
      await publish(rest, topic, 'slower and slower')
      const times: number[] = []
      while (times.length < 5) times.push((await next()).atMilliseconds)
      for (const [index, atLeast] of [100, 200, 400, 400].entries()) {
        const waited = (times[index + 1] ?? 0) - (times[index] ?? 0)
        assert.ok(waited >= atLeast - 5, `waited ${waited} ms instead of ${atLeast}`)
      }
    })

    check('does not let one slow message hold up another', async () => {
      const held: ServerResponse[] = []
      const {next} = await subscribe(({text}, response) => {
        if (text !== 'slow') return 204
        held.push(response)
        return undefined
      })
      await publish(rest, topic, 'slow')
      await next()
      await publish(rest, topic, 'quick')
      assert.equal((await next()).text, 'quick')
      for (const response of held) response.writeHead(204).end()
    })

    check('carries a message of nearly 10 MB', async () => {
      const {next} = await subscribe(() => 204)
      await publish(rest, topic, 'x'.repeat(7_800_000))
      assert.equal((await next()).text.length, 7_800_000)
    })

    check('moves a message to the dead-letter topic after its last push', async () => {
      const [dead, letters] = [names.topic(), names.subscription()]
      await rest('PUT', dead, {})
      await rest('PUT', letters, {topic: dead})
      const {next} = await subscribe(() => 500, {deadLetterPolicy: {deadLetterTopic: dead, maxDeliveryAttempts: 5}})
      await publish(rest, topic, 'doomed')
      for (let attempt = 1; attempt <= 5; attempt += 1) await next()
      const [letter] = await pullSome(rest, letters)
      assert.ok(letter)
      assert.equal(textOf(letter), 'doomed')
      assert.equal(letter.message.attributes['CloudPubSubDeadLetterSourceDeliveryCount'], '5')
    })

    check('counts the attempts in the push', 'pushes less', async () => {
      const {next} = await subscribe(() => 500, {deadLetterPolicy: {deadLetterTopic: topic}})
      await publish(rest, topic, 'counted')
      const attempts = [await next(), await next(), await next()].map(({body}) => body.deliveryAttempt)
      assert.deepEqual(attempts, [1, 2, 3])
    })

    check('holds back what follows a refused message with the same ordering key', 'pushes less', async () => {
      let refusals = 2
      const {next} = await subscribe(
        ({text}) => {
          if (text !== 'a1' || refusals === 0) return 204
          refusals -= 1
          return 500
        },
        {enableMessageOrdering: true},
      )
      const message = (text: string, orderingKey: string) => ({data: Buffer.from(text).toString('base64'), orderingKey})
      await publish(rest, topic, message('a1', 'a'), message('a2', 'a'), message('b1', 'b'))
      const texts: string[] = []
      while (!texts.includes('a2')) texts.push((await next()).text)
      assert.deepEqual(texts, ['a1', 'b1', 'a1', 'a1', 'a2'])
    })

    check('pushes only what the filter matches', 'ignores filters', async () => {
      const {next} = await subscribe(() => 204, {filter: 'attributes.job = "a"'})
      for (const job of ['b', 'a', 'c', 'a']) await publish(rest, topic, {attributes: {job}})
      assert.deepEqual(
        [(await next()).body, (await next()).body].map(({message}) => message.attributes['job']),
        ['a', 'a'],
      )
    })

    check('changes between push and pull', async () => {
      const {next, url} = await subscribe(() => 204)
      await publish(rest, topic, 'pushed')
      await next()
      await rest('POST', `${subscription}:modifyPushConfig`, {pushConfig: {}})
      await publish(rest, topic, 'pulled')
      assert.deepEqual((await pullSome(rest, subscription)).map(textOf), ['pulled'])
      await rest('PATCH', subscription, {subscription: {pushConfig: {pushEndpoint: url}}, updateMask: 'pushConfig'})
      await publish(rest, topic, 'pushed again')
      assert.equal((await next()).text, 'pushed again')
    })
  })
}
