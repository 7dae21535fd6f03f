import assert from 'node:assert/strict'
import type {PubSub} from '@google-cloud/pubsub'
import {conformanceServers, createNames, useServer} from './conformance-servers.ts'
import {createPubSubClient} from './pubsub-client.ts'
import {createRestClient, publish, pullNow, pullSome, type RestClient, refusalOf, textOf} from './rest-client.ts'

for (const {name, start, check} of conformanceServers) {
  describe(`Pub/Sub, ${name}: subscriptions`, () => {
    const host = useServer(start)
    const names = createNames()
    let rest: RestClient
    let client: PubSub
    let topic: string

    before(() => {
      rest = createRestClient(host())
      client = createPubSubClient(host(), names.project)
    })
    beforeEach(async () => {
      topic = names.topic()
      await rest('PUT', topic, {})
    })
    after(() => client?.close())

    check('fills in what was not asked for', async () => {
      const subscription = names.subscription()
      const {json} = await rest('PUT', subscription, {
        topic,
        retryPolicy: {},
        deadLetterPolicy: {deadLetterTopic: topic},
      })
      assert.equal(json['name'], subscription)
      assert.equal(json['topic'], topic)
      assert.equal(json['ackDeadlineSeconds'], 10)
      assert.equal(json['messageRetentionDuration'], '604800s')
      assert.deepEqual(json['retryPolicy'], {minimumBackoff: '10s', maximumBackoff: '600s'})
      assert.deepEqual(json['deadLetterPolicy'], {deadLetterTopic: topic, maxDeliveryAttempts: 5})
      assert.deepEqual((await rest('GET', subscription)).json, json)
    })

    check('keeps every setting of a subscription', async () => {
      const subscription = names.subscription()
      const settings = {
        topic,
        ackDeadlineSeconds: 600,
        enableMessageOrdering: true,
        expirationPolicy: {ttl: '86400s'},
        filter: 'attributes.job = "bootstrap"',
        labels: {team: 'costs'},
        messageRetentionDuration: '600s',
        retainAckedMessages: true,
        retryPolicy: {minimumBackoff: '0.100s', maximumBackoff: '1.500s'},
        pushConfig: {
          pushEndpoint: 'http://127.0.0.1:1/push',
          oidcToken: {serviceAccountEmail: 'push@project-one.iam.gserviceaccount.com', audience: 'https://run.app'},
        },
      }
      assert.equal((await rest('PUT', subscription, settings)).status, 200)
      const {json} = await rest('GET', subscription)
      for (const [field, value] of Object.entries(settings)) assert.deepEqual(json[field], value, field)
    })

    check('sets the default expiration of 31 days', 'no default expiration', async () => {
      const {json} = await rest('PUT', names.subscription(), {topic})
      assert.deepEqual(json['expirationPolicy'], {ttl: '2678400s'})
    })

    check('makes subscriptions of one project with topics of another', async () => {
      const subscription = 'projects/project-two/subscriptions/abroad'
      assert.equal((await rest('PUT', subscription, {topic})).status, 200)
      await publish(rest, topic, 'over the border')
      assert.deepEqual((await pullSome(rest, subscription)).map(textOf), ['over the border'])
    })

    check('lists subscriptions of a project and of a topic', async () => {
      const made = [names.subscription(), names.subscription()].sort()
      for (const subscription of made) await rest('PUT', subscription, {topic})
      assert.deepEqual((await rest('GET', `${topic}/subscriptions`)).json, {subscriptions: made})
      const [ofProject] = await client.getSubscriptions()
      for (const subscription of made) assert.ok(ofProject.some(({name}) => name === subscription))
    })

    check('refuses settings that Google refuses', async () => {
      for (const settings of [
        {topic: 'no-topic'},
        {topic, ackDeadlineSeconds: 601},
        {topic, ackDeadlineSeconds: -1},
        {topic, messageRetentionDuration: '599s'},
        {topic, messageRetentionDuration: '2678401s'},
        {topic, messageRetentionDuration: 'ten minutes'},
        {topic, retryPolicy: {minimumBackoff: '601s'}},
        {topic, retryPolicy: {minimumBackoff: '20s', maximumBackoff: '10s'}},
        {topic, pushConfig: {pushEndpoint: 'no address'}},
        {topic, pushConfig: {pushEndpoint: 'ftp://127.0.0.1/'}},
      ]) {
        const {code} = refusalOf(await rest('PUT', names.subscription(), settings))
        assert.equal(code, '400 INVALID_ARGUMENT', JSON.stringify(settings))
      }
    })

    check('refuses other numbers of attempts than 5 to 100', async () => {
      for (const maxDeliveryAttempts of [4, 101]) {
        const deadLetterPolicy = {deadLetterTopic: topic, maxDeliveryAttempts}
        const {code} = refusalOf(await rest('PUT', names.subscription(), {topic, deadLetterPolicy}))
        assert.equal(code, '400 OUT_OF_RANGE')
      }
    })

    check('refuses an acknowledgement deadline under 10 seconds', 'short acknowledgement deadlines', async () => {
      assert.deepEqual(refusalOf(await rest('PUT', names.subscription(), {topic, ackDeadlineSeconds: 9})), {
        code: '400 INVALID_ARGUMENT',
        message:
          'The value for ack_deadline_seconds is too small. You passed 9 in the request, but the minimum value is 10.',
      })
    })

    check('refuses bad filters and long ones', 'ignores filters', async () => {
      for (const filter of ['attributes', 'a = "b"', 'attributes.a = "1" AND', `attributes:${'a'.repeat(246)}`]) {
        const {code} = refusalOf(await rest('PUT', names.subscription(), {topic, filter}))
        assert.equal(code, '400 INVALID_ARGUMENT', filter)
      }
      const longest = `attributes:${'a'.repeat(245)}`
      assert.equal((await rest('PUT', names.subscription(), {topic, filter: longest})).status, 200)
    })

    check('refuses topics that are not there, and a name that is taken', async () => {
      const [subscription, nowhere] = [names.subscription(), names.topic()]
      assert.equal(refusalOf(await rest('PUT', subscription, {topic: nowhere})).code, '404 NOT_FOUND')
      const deadLetterPolicy = {deadLetterTopic: nowhere}
      assert.equal(refusalOf(await rest('PUT', subscription, {topic, deadLetterPolicy})).code, '404 NOT_FOUND')
      await rest('PUT', subscription, {topic})
      assert.equal(refusalOf(await rest('PUT', subscription, {topic})).code, '409 ALREADY_EXISTS')
    })

    check('refuses what it could not keep: exactly-once, BigQuery, unwrapped pushes', 'implements more', async () => {
      for (const settings of [
        {enableExactlyOnceDelivery: true},
        {bigqueryConfig: {table: 'p.d.t'}},
        {pushConfig: {pushEndpoint: 'http://127.0.0.1:1/', noWrapper: {writeMetadata: true}}},
      ]) {
        assert.equal(refusalOf(await rest('PUT', names.subscription(), {topic, ...settings})).code, '501 UNIMPLEMENTED')
      }
    })

    check('updates the masked fields only, for the real client, too', async () => {
      const subscription = names.subscription()
      await rest('PUT', subscription, {topic, labels: {a: '1'}, retryPolicy: {minimumBackoff: '5s'}})
      await client.subscription(subscription).setMetadata({ackDeadlineSeconds: 42})
      const {json} = await rest('PATCH', subscription, {subscription: {}, updateMask: 'retryPolicy'})
      assert.equal(json['ackDeadlineSeconds'], 42)
      assert.deepEqual(json['labels'], {a: '1'})
      assert.equal(json['retryPolicy'], undefined)
    })

    check('updates labels', 'updates few fields of a subscription', async () => {
      const subscription = names.subscription()
      await rest('PUT', subscription, {topic, labels: {a: '1'}})
      await client.subscription(subscription).setMetadata({labels: {b: '2'}})
      assert.deepEqual((await rest('GET', subscription)).json['labels'], {b: '2'})
    })

    check('refuses to update what may not change, what is unknown, and nothing', async () => {
      const subscription = names.subscription()
      await rest('PUT', subscription, {topic, filter: 'attributes:a'})
      for (const updateMask of ['', 'topic', 'name', 'filter', 'colour', 'push_config.push_endpoint']) {
        const {code} = refusalOf(
          await rest('PATCH', subscription, {subscription: {filter: 'attributes:b'}, updateMask}),
        )
        assert.equal(code, '400 INVALID_ARGUMENT', updateMask)
      }
      assert.equal((await rest('GET', subscription)).json['filter'], 'attributes:a')
    })

    check('keeps a subscription and its messages when its topic is deleted', async () => {
      const subscription = names.subscription()
      await rest('PUT', subscription, {topic})
      await publish(rest, topic, 'left over')
      await rest('DELETE', topic)
      assert.equal((await rest('GET', subscription)).json['topic'], '_deleted-topic_')
      await rest('PUT', topic, {})
      await publish(rest, topic, 'not for it')
      assert.deepEqual((await pullSome(rest, subscription)).map(textOf), ['left over'])
    })

    check('forgets the messages of a subscription that is deleted', async () => {
      const subscription = names.subscription()
      await rest('PUT', subscription, {topic})
      await publish(rest, topic, 'forgotten')
      await rest('DELETE', subscription)
      assert.equal(refusalOf(await rest('POST', `${subscription}:pull`, {maxMessages: 1})).code, '404 NOT_FOUND')
      await rest('PUT', subscription, {topic})
      assert.deepEqual(await pullNow(rest, subscription), [])
    })

    check('has no list of subscriptions for a missing topic', 'lists what is not there', async () => {
      assert.equal(refusalOf(await rest('GET', `${names.topic()}/subscriptions`)).code, '404 NOT_FOUND')
    })
  })
}
