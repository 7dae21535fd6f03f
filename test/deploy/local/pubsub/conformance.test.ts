import assert from 'node:assert/strict'
import type {PubSub} from '@google-cloud/pubsub'
import {conformanceServers, createNames, useServer} from './conformance-servers.ts'
import {createPubSubClient} from './pubsub-client.ts'
import {createRestClient, publish, pullSome, type RestClient, refusalOf, textOf} from './rest-client.ts'

for (const {name, start, check} of conformanceServers) {
  describe(`Pub/Sub, ${name}: topics and publishing`, () => {
    const host = useServer(start)
    const names = createNames()
    let rest: RestClient
    let client: PubSub

    before(() => {
      rest = createRestClient(host())
      client = createPubSubClient(host(), names.project)
    })
    after(() => client?.close())

    check('creates a topic, gives it back, lists it and deletes it', async () => {
      const topic = names.topic()
      assert.equal((await rest('PUT', topic, {labels: {team: 'costs'}})).status, 200)
      const {json} = await rest('GET', topic)
      assert.equal(json['name'], topic)
      assert.deepEqual(json['labels'], {team: 'costs'})
      assert.match(JSON.stringify((await rest('GET', 'projects/project-one/topics')).json), new RegExp(`"${topic}"`))
      assert.deepEqual(await rest('DELETE', topic), {status: 200, json: {}})
      assert.equal((await rest('GET', topic)).status, 404)
    })

    check('does the same for the real client', async () => {
      const topic = names.topic()
      await client.createTopic(topic)
      const [topics] = await client.getTopics()
      assert.ok(topics.some(({name}) => name === topic))
      await assert.rejects(client.createTopic(topic), {code: 6})
      await client.topic(topic).delete()
      await assert.rejects(client.topic(topic).getMetadata(), {code: 5})
    })

    check('refuses names that Google refuses', async () => {
      for (const id of ['ab', '1abc', 'goog-topic', 'a'.repeat(256)]) {
        const {code} = refusalOf(await rest('PUT', `projects/project-one/topics/${id}`, {}))
        assert.equal(code, '400 INVALID_ARGUMENT', id)
      }
    })

    check("refuses a name that is taken and one that is not there, in Google's words", 'words of its own', async () => {
      const topic = names.topic()
      const id = topic.split('/').at(-1)
      assert.deepEqual(refusalOf(await rest('GET', topic)), {
        code: '404 NOT_FOUND',
        message: `Resource not found (resource=${id}).`,
      })
      await rest('PUT', topic, {})
      assert.deepEqual(refusalOf(await rest('PUT', topic, {})), {
        code: '409 ALREADY_EXISTS',
        message: `Resource already exists in the project (resource=${id}).`,
      })
    })

    check('updates the masked fields of a topic only', 'updates few fields of a topic', async () => {
      const topic = names.topic()
      await rest('PUT', topic, {labels: {a: '1'}, messageRetentionDuration: '600s'})
      const {json} = await rest('PATCH', topic, {topic: {labels: {b: '2'}}, updateMask: 'labels'})
      assert.deepEqual(json['labels'], {b: '2'})
      assert.equal(json['messageRetentionDuration'], '600s')
      assert.match(refusalOf(await rest('PATCH', topic, {topic: {}, updateMask: 'name'})).message, /not mutable/)
    })

    check('gives a long list in pages', async () => {
      const project = 'projects/project-pages'
      for (const id of ['aaa', 'bbb', 'ccc']) await rest('PUT', `${project}/topics/${id}`, {})
      const first = await rest('GET', `${project}/topics?pageSize=2`)
      const token = encodeURIComponent(String(first.json['nextPageToken']))
      const second = await rest('GET', `${project}/topics?pageSize=2&pageToken=${token}`)
      const ids = [first, second].map(({json}) => JSON.stringify(json['topics']).match(/[a-c]{3}(?=")/g))
      assert.deepEqual(ids, [['aaa', 'bbb'], ['ccc']])
      assert.equal(second.json['nextPageToken'], undefined)
    })

    check('takes a message with data, attributes and ordering key, and gives it an id and a time', async () => {
      const [topic, subscription] = [names.topic(), names.subscription()]
      await rest('PUT', topic, {})
      await rest('PUT', subscription, {topic})
      const before = Date.now()
      const data = Buffer.from([0, 255, 128, 10])
      const id = await client.topic(topic, {messageOrdering: true}).publishMessage({
        data,
        attributes: {job: 'bootstrap', ключ: 'значение'},
        orderingKey: 'key',
      })
      const [pulled] = await pullSome(rest, subscription)
      assert.ok(pulled)
      assert.equal(pulled.message.messageId, id)
      assert.deepEqual(Buffer.from(pulled.message.data, 'base64'), data)
      assert.deepEqual(pulled.message.attributes, {job: 'bootstrap', ключ: 'значение'})
      assert.equal(pulled.message.orderingKey, 'key')
      const published = Date.parse(pulled.message.publishTime)
      assert.ok(published >= before - 1 && published <= Date.now() + 1)
    })

    check('gives every subscription a copy, and none to one that came later', async () => {
      const [topic, one, two, late] = [names.topic(), names.subscription(), names.subscription(), names.subscription()]
      await rest('PUT', topic, {})
      await rest('PUT', one, {topic})
      await rest('PUT', two, {topic})
      await publish(rest, topic, 'early')
      await rest('PUT', late, {topic})
      await publish(rest, topic, 'now')
      const all = await Promise.all([one, two, late].map(async name => (await pullSome(rest, name)).map(textOf)))
      assert.deepEqual(all, [['early', 'now'], ['early', 'now'], ['now']])
    })

    check('refuses to publish nothing, empty messages, too many, and to a topic that is not there', async () => {
      const topic = names.topic()
      await rest('PUT', topic, {})
      for (const messages of [[], [{}], [{data: ''}], [{data: '!'}], Array(1001).fill({data: 'YQ=='})]) {
        const {code} = refusalOf(await rest('POST', `${topic}:publish`, {messages}))
        assert.equal(code, '400 INVALID_ARGUMENT', JSON.stringify(messages.slice(0, 2)))
      }
      const nowhere = await rest('POST', `${names.topic()}:publish`, {messages: [{data: 'YQ=='}]})
      assert.equal(refusalOf(nowhere).code, '404 NOT_FOUND')
    })

    check('refuses attributes and sizes past the limits', 'checks little of a message', async () => {
      const topic = names.topic()
      await rest('PUT', topic, {})
      const tooMany = Object.fromEntries(Array.from({length: 101}, (_, index) => [`k${index}`, 'v']))
      for (const attributes of [{'': 'v'}, {['k'.repeat(257)]: 'v'}, {k: 'v'.repeat(1025)}, {googx: 'v'}, tooMany]) {
        const refusal = refusalOf(await rest('POST', `${topic}:publish`, {messages: [{data: 'YQ==', attributes}]}))
        assert.equal(refusal.code, '400 INVALID_ARGUMENT', JSON.stringify(attributes).slice(0, 50))
      }
      await assert.rejects(client.topic(topic).publishMessage({data: Buffer.alloc(10_000_001)}), {code: 3})
    })

    check('carries a message of nearly 10 MB', async () => {
      const [topic, subscription] = [names.topic(), names.subscription()]
      await rest('PUT', topic, {})
      await rest('PUT', subscription, {topic})
      const data = Buffer.alloc(9_999_999, 'x')
      await client.topic(topic).publishMessage({data})
      const [pulled] = await pullSome(rest, subscription)
      assert.equal(pulled?.message.data.length, Math.ceil(data.length / 3) * 4)
    })

    check('refuses JSON that is none, and names that no message has', async () => {
      for (const body of ['{bad', '[]', '{"colour": "red"}']) {
        assert.equal(refusalOf(await rest('PUT', names.topic(), body)).code, '400 INVALID_ARGUMENT', body)
      }
    })

    check('answers UNIMPLEMENTED where it promises nothing', 'implements more', async () => {
      const subscription = names.subscription()
      for (const [verb, path] of [
        ['POST', `${subscription}:seek`],
        ['PUT', 'projects/project-one/snapshots/snap'],
        ['GET', 'projects/project-one/schemas'],
        ['POST', `${subscription}:detach`],
      ] as const) {
        assert.equal(refusalOf(await rest(verb, path, verb === 'GET' ? undefined : {})).code, '501 UNIMPLEMENTED', path)
      }
      await assert.rejects(client.subscription(subscription).seek('snap'), {code: 12})
      await assert.rejects(client.createSchema('schema', 'AVRO', '{}'), {code: 12})
    })

    check('answers addresses that it does not have with JSON', 'answers unknown addresses in plain text', async () => {
      assert.equal(refusalOf(await rest('GET', 'nothing')).code, '404 NOT_FOUND')
    })
  })
}
