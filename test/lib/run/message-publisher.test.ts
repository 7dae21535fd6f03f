import assert from 'node:assert/strict'
import ky from 'ky'
import {type PubSubServer, startPubSubServer} from '../../../deploy/local/pubsub/server/server.ts'
import {createMessagePublisher, type MessagePublisher} from '../../../lib/run/message-publisher.ts'
import {startBlackHole} from '../../support/black-hole.ts'

const projectId = 'cloudact-local'

describe('createMessagePublisher', () => {
  let pubSub: PubSubServer
  let publisher: MessagePublisher
  let resources: typeof ky
  before(async () => {
    pubSub = await startPubSubServer()
    publisher = createMessagePublisher({projectId, host: pubSub.host})
    resources = ky.create({prefix: `http://${pubSub.host}/v1/projects/${projectId}`, retry: 0})
    await resources.put('topics/letters', {json: {}})
    await resources.put('subscriptions/letters', {json: {topic: `projects/${projectId}/topics/letters`}})
  })
  after(async () => {
    await publisher.close()
    await pubSub.stop()
  })

  it('publishes exactly the bytes and attributes, and gives the message’s id', async () => {
    const data = Buffer.from([0x00, 0xff, 0x7b])
    const messageId = await publisher.publish('letters', {data, attributes: {job: 'älice', empty: ''}})
    const pulled = await resources
      .post('subscriptions/letters:pull', {json: {maxMessages: 10}})
      .json<{receivedMessages: {message: object}[]}>()
    assert.partialDeepStrictEqual(pulled.receivedMessages, [
      {message: {messageId, data: data.toString('base64'), attributes: {job: 'älice', empty: ''}}},
    ])
  })

  it('gives each publication an id of its own, whatever the message had, and a dead letter none', async () => {
    await resources.put('topics/dead-letters', {json: {}})
    await resources.put('subscriptions/dead-letters', {json: {topic: `projects/${projectId}/topics/dead-letters`}})
    const message = {data: Buffer.from('{}'), attributes: {requestId: 'of another publication'}}
    await publisher.publish('letters', message)
    await publisher.publish('letters', message)
    await publisher.publish('dead-letters', {...message, attributes: {job: 'x'}})
    const idsOf = async (subscription: string) => {
      const {receivedMessages} = await resources
        .post(`subscriptions/${subscription}:pull`, {json: {maxMessages: 10}})
        .json<{receivedMessages: {message: {attributes: {requestId?: string}}}[]}>()
      return receivedMessages.map(({message: {attributes}}) => attributes.requestId)
    }
    const [first, second] = await idsOf('letters')
    assert.match(first ?? '', /^[0-9a-f-]{36}$/)
    assert.match(second ?? '', /^[0-9a-f-]{36}$/)
    assert.notEqual(first, second)
    assert.deepEqual(await idsOf('dead-letters'), [undefined])
  })

  it('is unavailable where Pub/Sub accepts a connection and never answers', async () => {
    const hole = await startBlackHole()
    const impatient = createMessagePublisher({projectId, host: hole.host, deadlineSeconds: 0.3})
    try {
      await assert.rejects(impatient.publish('letters', {data: Buffer.from('{}'), attributes: {}}), {
        name: 'UnavailableError',
        mayHaveExecuted: true,
        message: "can't publish to letters: no answer within 0.3 s",
      })
    } finally {
      await hole.stop()
      await impatient.close()
    }
  })

  it('is unavailable where there is no such topic, and names it', async () => {
    await assert.rejects(publisher.publish('no-such-topic', {data: Buffer.from('{}'), attributes: {}}), {
      name: 'UnavailableError',
      message: /^can't publish to no-such-topic: /,
    })
  })

  it('has nothing to close where nothing was published', async () => {
    await createMessagePublisher({projectId, host: pubSub.host}).close()
  })
})
