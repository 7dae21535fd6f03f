import assert from 'node:assert/strict'
import {once} from 'node:events'
import type {Message, PubSub, Subscription} from '@google-cloud/pubsub'
import {conformanceServers, createNames, useServer} from './conformance-servers.ts'
import {createPubSubClient} from './pubsub-client.ts'
import {createRestClient, publish, pullNow, pullSome, type RestClient, refusalOf, textOf} from './rest-client.ts'

for (const {name, start, check} of conformanceServers) {
  describe(`Pub/Sub, ${name}: pull`, () => {
    const host = useServer(start)
    const names = createNames()
    let rest: RestClient
    let client: PubSub
    let topic: string
    let subscription: string

    before(() => {
      rest = createRestClient(host())
      client = createPubSubClient(host(), names.project)
    })
    beforeEach(async () => {
      topic = names.topic()
      subscription = names.subscription()
      await rest('PUT', topic, {})
      await rest('PUT', subscription, {topic})
    })
    after(() => client?.close())

    check('hands a message out until it is acknowledged', async () => {
      await publish(rest, topic, 'once')
      const [first] = await pullSome(rest, subscription)
      assert.deepEqual(await pullNow(rest, subscription), [])
      await rest('POST', `${subscription}:modifyAckDeadline`, {ackIds: [first?.ackId], ackDeadlineSeconds: 0})
      const [second] = await pullSome(rest, subscription)
      assert.equal(second?.message.messageId, first?.message.messageId)
      assert.equal((await rest('POST', `${subscription}:acknowledge`, {ackIds: [second?.ackId]})).status, 200)
      assert.equal((await rest('POST', `${subscription}:acknowledge`, {ackIds: [second?.ackId]})).status, 200)
      assert.deepEqual(await pullNow(rest, subscription), [])
    })

    check('hands a message out again when its deadline has passed', async () => {
      await publish(rest, topic, 'forgotten')
      const [first] = await pullSome(rest, subscription)
      await rest('POST', `${subscription}:modifyAckDeadline`, {ackIds: [first?.ackId], ackDeadlineSeconds: 1})
      assert.deepEqual((await pullSome(rest, subscription)).map(textOf), ['forgotten'])
    })

    check('waits for a message when there is none', async () => {
      const pulled = pullSome(rest, subscription)
      await publish(rest, topic, 'late')
      assert.deepEqual((await pulled).map(textOf), ['late'])
    })

    check('gives no more messages than asked for', async () => {
      await publish(rest, topic, 'one', 'two', 'three')
      assert.equal((await pullSome(rest, subscription, 2)).length, 2)
      assert.equal((await pullSome(rest, subscription, 2)).length, 1)
    })

    check('refuses bad acknowledgement ids, none, bad deadlines, and a pull for nothing', async () => {
      for (const [verb, body] of [
        ['acknowledge', {ackIds: ['nonsense']}],
        ['acknowledge', {ackIds: []}],
        ['modifyAckDeadline', {ackIds: ['nonsense'], ackDeadlineSeconds: 10}],
        ['modifyAckDeadline', {ackIds: ['1-1'], ackDeadlineSeconds: 601}],
        ['pull', {maxMessages: 0}],
      ] as const) {
        assert.equal(refusalOf(await rest('POST', `${subscription}:${verb}`, body)).code, '400 INVALID_ARGUMENT', verb)
      }
    })

    check('refuses to pull from a push subscription', 'pulls from push subscriptions', async () => {
      const pushed = names.subscription()
      await rest('PUT', pushed, {topic, pushConfig: {pushEndpoint: 'http://127.0.0.1:1/'}})
      const refusal = refusalOf(await rest('POST', `${pushed}:pull`, {maxMessages: 1}))
      assert.equal(refusal.code, '400 FAILED_PRECONDITION')
    })

    check('streams to the real client, which acknowledges and refuses', async () => {
      const seen: string[] = []
      const stream = client.subscription(subscription)
      const done = new Promise<void>((resolve, reject) => {
        stream.on('error', reject)
        stream.on('message', (message: Message) => {
          seen.push(message.data.toString())
          if (message.data.toString() === 'twice' && seen.filter(text => text === 'twice').length === 1) message.nack()
          else message.ack()
          if (seen.length === 4) resolve()
        })
      })
      await publish(rest, topic, 'one', 'twice')
      await publish(rest, topic, 'two')
      await done
      await stream.close()
      assert.deepEqual(seen.sort(), ['one', 'twice', 'twice', 'two'])
      assert.deepEqual(await pullNow(rest, subscription), [])
    })

    check('streams no more messages at once than the client takes', async () => {
      await publish(rest, topic, 'one', 'two', 'three', 'four', 'five')
      const stream = client.subscription(subscription, {flowControl: {maxMessages: 2}})
      const held: Message[] = []
      const texts: string[] = []
      await new Promise<void>((resolve, reject) => {
        stream.on('error', reject)
        stream.on('message', (message: Message) => {
          held.push(message)
          texts.push(message.data.toString())
          assert.ok(held.length <= 2)
          if (held.length === 2 || texts.length === 5) for (const each of held.splice(0)) each.ack()
          if (texts.length === 5) resolve()
        })
      })
      await stream.close()
      assert.deepEqual(texts.sort(), ['five', 'four', 'one', 'three', 'two'])
    })

    check('shares messages out between streams', async () => {
      const streams: Subscription[] = [client.subscription(subscription), client.subscription(subscription)]
      const texts: string[] = []
      const all = new Promise<void>(resolve => {
        for (const stream of streams) {
          stream.on('message', (message: Message) => {
            message.ack()
            texts.push(message.data.toString())
            if (texts.length === 50) resolve()
          })
        }
      })
      const sent = Array.from({length: 50}, (_, index) => String(index))
      await publish(rest, topic, ...sent)
      await all
      await Promise.all(streams.map(stream => stream.close()))
      assert.deepEqual(texts.sort(), sent.sort())
    })

    check('ends the stream of a subscription that is deleted', async () => {
      const stream = client.subscription(subscription)
      const failed = once(stream, 'error')
      stream.on('message', () => rest('DELETE', subscription))
      await publish(rest, topic, 'the end')
      const [error] = await failed
      assert.equal(error.code, 5)
      await stream.close()
    })

    const orders = [
      {title: 'keeps messages of one ordering key in order', refused: ''},
      {title: 'keeps the order when a message is refused', refused: 'a2'},
    ]
    for (const {title, refused} of orders) {
      const test = () => assertOrder(refused)
      if (refused === '') check(title, test)
      else check(title, 'forgets the order of refused messages', test)
    }

    async function assertOrder(refused: string): Promise<void> {
      const ordered = names.subscription()
      await rest('PUT', ordered, {topic, enableMessageOrdering: true})
      const sent = ['a1', 'b1', 'a2', 'b2', 'a3', 'b3']
      await publish(
        rest,
        topic,
        ...sent.map(text => ({data: Buffer.from(text).toString('base64'), orderingKey: text.charAt(0)})),
      )
      const stream = client.subscription(ordered)
      const texts: string[] = []
      const acknowledged = new Set<string>()
      await new Promise<void>(resolve => {
        stream.on('message', (message: Message) => {
          const text = message.data.toString()
          texts.push(text)
          if (text === refused && texts.filter(each => each === refused).length === 1) return message.nack()
          message.ack()
          acknowledged.add(text)
          if (acknowledged.size === sent.length) resolve()
        })
      })
      await stream.close()
      for (const key of ['a', 'b']) {
        const ofKey = texts.filter(text => text.startsWith(key))
        assert.deepEqual(ofKey, [...ofKey].sort(), texts.join(' '))
      }
    }

    check('delivers only what the filter matches', 'ignores filters', async () => {
      const filtered = names.subscription()
      await rest('PUT', filtered, {topic, filter: 'attributes.job = "a" OR hasPrefix(attributes.job, "b")'})
      for (const job of ['a', 'boot', 'c', 'ab']) await publish(rest, topic, {attributes: {job}})
      const jobs = (await pullSome(rest, filtered)).map(({message}) => message.attributes['job'])
      assert.deepEqual(jobs, ['a', 'boot'])
    })

    check('counts delivery attempts with a dead-letter policy, and only then', async () => {
      const [dead, counted] = [names.topic(), names.subscription()]
      await rest('PUT', dead, {})
      await rest('PUT', counted, {topic, deadLetterPolicy: {deadLetterTopic: dead}})
      await publish(rest, topic, 'counted')
      for (const attempt of [1, 2, 3]) {
        const [pulled] = await pullSome(rest, counted)
        assert.equal(pulled?.deliveryAttempt, attempt)
        await rest('POST', `${counted}:modifyAckDeadline`, {ackIds: [pulled?.ackId], ackDeadlineSeconds: 0})
      }
      assert.equal((await pullSome(rest, subscription))[0]?.deliveryAttempt, undefined)
    })

    check('moves a message to the dead-letter topic after its last attempt', async () => {
      const [dead, doomed, letters] = [names.topic(), names.subscription(), names.subscription()]
      await rest('PUT', dead, {})
      await rest('PUT', letters, {topic: dead})
      await rest('PUT', doomed, {topic, deadLetterPolicy: {deadLetterTopic: dead, maxDeliveryAttempts: 5}})
      const [id] = await publish(rest, topic, {data: 'eA==', attributes: {job: 'a'}})
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        const [pulled] = await pullSome(rest, doomed)
        await rest('POST', `${doomed}:modifyAckDeadline`, {ackIds: [pulled?.ackId], ackDeadlineSeconds: 0})
      }
      // Google's emulator moves it when it is asked for the next time.
      assert.deepEqual(await pullNow(rest, doomed), [])
      const [letter] = await pullSome(rest, letters)
      assert.ok(letter)
      assert.equal(textOf(letter), 'x')
      assert.notEqual(letter.message.messageId, id)
      const {CloudPubSubDeadLetterSourceTopicPublishTime: publishTime, ...attributes} = letter.message.attributes
      assert.deepEqual(attributes, {
        job: 'a',
        CloudPubSubDeadLetterSourceDeliveryCount: '5',
        CloudPubSubDeadLetterSourceSubscription: doomed.split('/').at(-1),
        CloudPubSubDeadLetterSourceSubscriptionProject: names.project,
      })
      assert.match(publishTime ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:\+00:00|Z)$/)
    })
  })
}
