import assert from 'node:assert/strict'
import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {appendFile, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import type {Message} from '@google-cloud/pubsub'
import {type PubSubServer, startPubSubServer} from '../../../../deploy/local/pubsub/server/server.ts'
import {createPubSubClient} from './pubsub-client.ts'
import {startPushEndpoint} from './push-endpoint.ts'
import {createRestClient, publish, pullNow, pullSome, refusalOf, textOf} from './rest-client.ts'

const topic = 'projects/project-one/topics/orders'
const dead = 'projects/project-one/topics/dead'
const subscription = 'projects/project-one/subscriptions/orders'

/** The server in a process of its own, so that it can be killed. */
const program = `
  const {startPubSubServer} = await import(process.argv[1])
  const {host} = await startPubSubServer({dataFolder: process.argv[2]})
  console.log(host)
`

describe('the embedded Pub/Sub with a data folder', () => {
  let dataFolder: string
  const servers: PubSubServer[] = []
  const children: ChildProcess[] = []

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'pubsub-'))
  })
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop()
    for (const child of children.splice(0)) await kill(child)
    await rm(dataFolder, {recursive: true})
  })

  async function start(port = 0): Promise<PubSubServer> {
    const server = await startPubSubServer({dataFolder, port})
    servers.push(server)
    return server
  }

  async function stop(server: PubSubServer): Promise<void> {
    servers.splice(servers.indexOf(server), 1)
    await server.stop()
  }

  async function startChild(): Promise<{child: ChildProcess; host: string}> {
    const serverUrl = new URL('../../../../deploy/local/pubsub/server/server.ts', import.meta.url).href
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, serverUrl, dataFolder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    const [host] = await once(createInterface(child.stdout), 'line')
    return {child, host: String(host)}
  }

  async function kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  it('has topics, subscriptions, messages and attempts again after a stop', async () => {
    const before = await start()
    const rest = createRestClient(before.host)
    await rest('PUT', topic, {labels: {a: 'b'}})
    await rest('PUT', dead, {})
    await rest('PUT', subscription, {topic, deadLetterPolicy: {deadLetterTopic: dead}, filter: 'attributes:job'})
    const settings = (await rest('GET', subscription)).json
    await publish(rest, topic, {data: 'YQ==', attributes: {job: 'a'}}, {data: 'Yg==', attributes: {job: 'b'}})
    const [first] = await pullSome(rest, subscription)
    await rest('POST', `${subscription}:modifyAckDeadline`, {ackIds: [first?.ackId], ackDeadlineSeconds: 0})
    const [again] = await pullSome(rest, subscription)
    assert.equal(again?.deliveryAttempt, 2)
    await stop(before)

    const restarted = createRestClient((await start()).host)
    assert.deepEqual((await restarted('GET', topic)).json, {name: topic, labels: {a: 'b'}, state: 'ACTIVE'})
    assert.deepEqual((await restarted('GET', subscription)).json, settings)
    const pulled = await pullSome(restarted, subscription)
    assert.deepEqual(pulled.map(textOf), ['a', 'b'])
    assert.deepEqual(pulled[0]?.message, first?.message)
    assert.deepEqual(
      pulled.map(({deliveryAttempt}) => deliveryAttempt),
      [3, 2],
    )
  })

  it('knows what was acknowledged, deleted and set aside', async () => {
    const before = await start()
    const rest = createRestClient(before.host)
    await rest('PUT', topic, {})
    await rest('PUT', subscription, {topic})
    await rest('PUT', `${subscription}-deleted`, {topic})
    await publish(rest, topic, 'acknowledged', 'open')
    const [done] = await pullSome(rest, subscription, 1)
    await rest('POST', `${subscription}:acknowledge`, {ackIds: [done?.ackId]})
    await rest('DELETE', `${subscription}-deleted`)
    await rest('DELETE', topic)
    await stop(before)

    const restarted = createRestClient((await start()).host)
    assert.deepEqual((await pullSome(restarted, subscription)).map(textOf), ['open'])
    assert.equal((await restarted('GET', subscription)).json['topic'], '_deleted-topic_')
    assert.equal(refusalOf(await restarted('GET', `${subscription}-deleted`)).code, '404 NOT_FOUND')
    assert.equal(refusalOf(await restarted('GET', topic)).code, '404 NOT_FOUND')
  })

  it('loses nothing that was answered when it is killed', async () => {
    const {child, host} = await startChild()
    const rest = createRestClient(host)
    await rest('PUT', topic, {})
    await rest('PUT', subscription, {topic})
    await publish(rest, topic, 'acknowledged')
    const [done] = await pullSome(rest, subscription)
    await rest('POST', `${subscription}:acknowledge`, {ackIds: [done?.ackId]})

    const answered: string[] = []
    while (answered.length < 20) answered.push(...(await publish(rest, topic, 'x')))
    // These may be lost: nobody promised anything.
    const unanswered = Array.from({length: 5}, () => publish(rest, topic, 'y').catch(() => []))
    await kill(child)
    answered.push(...(await Promise.all(unanswered)).flat())

    const restarted = createRestClient((await start()).host)
    const ids = (await pullSome(restarted, subscription)).map(({message}) => message.messageId)
    assert.deepEqual(
      answered.filter(id => !ids.includes(id)),
      [],
    )
    assert.ok(!ids.includes(done?.message.messageId ?? ''))
  })

  it('pushes what is left when it is started again, and gives no id twice', async () => {
    const endpoint = await startPushEndpoint(() => 204)
    try {
      const {child, host} = await startChild()
      const rest = createRestClient(host)
      await rest('PUT', topic, {})
      const retryPolicy = {minimumBackoff: '600s'}
      await rest('PUT', subscription, {topic, pushConfig: {pushEndpoint: 'http://127.0.0.1:1/'}, retryPolicy})
      const [id] = await publish(rest, topic, 'left')
      await rest('PATCH', subscription, {
        subscription: {pushConfig: {pushEndpoint: endpoint.url}},
        updateMask: 'pushConfig',
      })
      await kill(child)

      const restarted = createRestClient((await start()).host)
      const left = await endpoint.next()
      assert.equal(left.body.message.messageId, id)
      const [next] = await publish(restarted, topic, 'new')
      assert.ok(Number(next) > Number(id))
    } finally {
      await endpoint.stop()
    }
  })

  it('keeps a stream of the real client going over a restart on the same port', async () => {
    const server = await start()
    const rest = createRestClient(server.host)
    await rest('PUT', topic, {})
    await rest('PUT', subscription, {topic})
    const client = createPubSubClient(server.host, 'project-one')
    const stream = client.subscription(subscription)
    const texts: string[] = []
    let onText: (text: string) => void = () => {}
    stream.on('message', (message: Message) => {
      message.ack()
      texts.push(message.data.toString())
      onText(message.data.toString())
    })
    const publishAndReceive = async (text: string) => {
      const received = new Promise<void>(resolve => {
        onText = heard => {
          if (heard === text) resolve()
        }
      })
      await client.topic(topic).publishMessage({data: Buffer.from(text)})
      await received
    }
    try {
      await publishAndReceive('before')
      await stop(server)
      await start(server.port)
      await publishAndReceive('after')
      // An acknowledgement that was under way when the server stopped is lost, and its message comes again.
      assert.deepEqual([...new Set(texts)], ['before', 'after'])
    } finally {
      await stream.close()
      await client.close()
    }
  })

  it('drops a last line that was cut, and keeps the rest', async () => {
    const before = await start()
    const rest = createRestClient(before.host)
    await rest('PUT', topic, {})
    await rest('PUT', subscription, {topic})
    await publish(rest, topic, 'whole')
    await stop(before)
    await appendFile(join(dataFolder, 'journal.jsonl'), '{"kind":"message","mess')
    const restarted = createRestClient((await start()).host)
    assert.deepEqual((await pullSome(restarted, subscription)).map(textOf), ['whole'])
  })

  it('does not start on a journal that it can not read, and says which line', async () => {
    await writeFile(join(dataFolder, 'journal.jsonl'), '{"kind":"topic-deleted","name":"x"}\n{"kind":"surprise"}\n')
    await assert.rejects(startPubSubServer({dataFolder}), /can't read line 2 of its journal .*journal\.jsonl/)
  })

  it('makes its journal short again when it starts', async () => {
    const path = join(dataFolder, 'journal.jsonl')
    const before = await start()
    const rest = createRestClient(before.host)
    await rest('PUT', topic, {})
    await rest('PUT', subscription, {topic})
    for (let index = 0; index < 20; index += 1) {
      await publish(rest, topic, `message ${index}`)
      const [pulled] = await pullSome(rest, subscription)
      await rest('POST', `${subscription}:acknowledge`, {ackIds: [pulled?.ackId]})
    }
    await stop(before)
    const {length} = await readFile(path)
    const restarted = createRestClient((await start()).host)
    assert.deepEqual(await pullNow(restarted, subscription), [])
    assert.ok((await readFile(path)).length < length / 5)
  })
})
