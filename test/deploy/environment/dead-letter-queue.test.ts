import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'
import {PubSub} from '@google-cloud/pubsub'
import {createDeadLetterQueue, type DeadLetterQueue} from '../../../deploy/environment/dead-letter-queue.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {until} from '../../support/test-sandbox.ts'
import {conformanceServers, useServer} from '../local/pubsub/conformance-servers.ts'

const {signal} = new AbortController()
const dyingCommand = fileURLToPath(new URL('../../support/die-leasing-messages.ts', import.meta.url))

for (const {name, start} of conformanceServers) {
  describe(`the dead-letter queue on ${name}`, function () {
    this.timeout(60_000)
    const host = useServer(start)
    let projects = 0
    let projectId = ''
    let pubSub: PubSub

    beforeEach(async () => {
      projects += 1
      projectId = `letters-of-test-${projects}`
      pubSub = new PubSub({projectId, apiEndpoint: host(), emulatorMode: true})
      await pubSub.createTopic('dead-letters')
      await pubSub.topic('dead-letters').createSubscription('dead-letters', {ackDeadlineSeconds: 60})
    })
    afterEach(async () => {
      await pubSub.close()
    })

    const put = (text: string) =>
      pubSub.topic('dead-letters').publishMessage({data: Buffer.from(text), attributes: {text}})
    function open(onMissing?: (ids: readonly string[]) => void): DeadLetterQueue {
      const more = onMissing === undefined ? {} : {onMissing}
      const queue = createDeadLetterQueue({
        projectId,
        host: host(),
        pauseMilliseconds: 30,
        random: Math.random,
        ...more,
      })
      return queue
    }
    const texts = ({deadLetters}: {deadLetters: readonly {data: Buffer}[]}) =>
      deadLetters.map(({data}) => data.toString()).sort()

    it('shows all letters as they are, and consumes none by looking', async () => {
      const data = Buffer.from([0, 255, 10])
      const id = await pubSub.topic('dead-letters').publishMessage({data, attributes: {ä: 'ö'}})
      await Promise.all(Array.from({length: 30}, (_, index) => put(`letter ${index}`)))
      const queue = open()
      const first = await queue.peek([], signal)
      assert.equal(first.deadLetters.length, 31)
      assert.equal(first.isBounded, false)
      const deadLetter = first.deadLetters.find(found => found.id === id)
      assert.deepEqual(deadLetter?.data, data)
      assert.deepEqual(deadLetter.attributes, {ä: 'ö'})
      assert.ok(Math.abs(Date.now() - deadLetter.publishedAt.getTime()) < 60_000)
      assert.deepEqual(texts(await queue.peek([], signal)), texts(first))
      assert.deepEqual(texts(await open().peek([], signal)), texts(first))
    })

    it('takes out only what is acknowledged, and gives the rest back', async () => {
      const [one, two] = [await put('one'), await put('two'), await put('three')]
      const queue = open()
      await queue.hold([one, two], signal, async ({deadLetters, missing, acknowledge}) => {
        assert.deepEqual(texts({deadLetters}), ['one', 'two'])
        assert.deepEqual(missing, [])
        await acknowledge(two)
        await assert.rejects(acknowledge(two), /isn't leased/)
      })
      assert.deepEqual(texts(await queue.peek([], signal)), ['one', 'three'])
    })

    it('gives letters back when the work on them fails', async () => {
      const id = await put('one')
      const queue = open()
      const failing = queue.hold([id], signal, async () => {
        throw new Error('out of order')
      })
      await assert.rejects(failing, /out of order/)
      assert.deepEqual(texts(await queue.peek([], signal)), ['one'])
    })

    it('says which letters are not there', async () => {
      const told: string[] = []
      const missing = await open(ids => told.push(...ids)).hold(['404'], signal, async leased => leased.missing)
      assert.deepEqual([missing, told], [['404'], ['404']])
    })

    it('waits for a letter that another command holds for a moment', async () => {
      const id = await put('one')
      let release = () => {}
      const isLeased = new Promise<void>(resolve => {
        void open().hold([id], signal, () => {
          resolve()
          return new Promise<void>(done => {
            release = done
          })
        })
      })
      await isLeased
      assert.deepEqual(texts(await open().peek([], signal)), [])
      const found = await open(() => release()).hold([id], signal, async leased => leased)
      assert.deepEqual(texts(found), ['one'])
    })

    it('loses nothing and breaks nothing when many commands look at once', async () => {
      const ids = await Promise.all(Array.from({length: 20}, (_, index) => put(`letter ${index}`)))
      const styles = await Promise.all(Array.from({length: 4}, () => open().peek([], signal)))
      assert.ok(styles.every(({deadLetters}) => deadLetters.length <= 20))
      const queue = open()
      assert.deepEqual((await queue.peek([], signal)).deadLetters.map(({id}) => id).sort(), ids.toSorted())
    })

    it('keeps the letters that it holds for longer than a lease', async () => {
      const id = await put('one')
      const options = {projectId, host: host(), pauseMilliseconds: 30, random: Math.random}
      const queue = createDeadLetterQueue({...options, leaseSeconds: 2})
      const other = open()
      await queue.hold([id], signal, async () => {
        for (const start = performance.now(); performance.now() - start < 3000; ) {
          assert.deepEqual(texts(await other.peek([], signal)), [])
        }
      })
      assert.deepEqual(texts(await other.peek([], signal)), ['one'])
    })

    it('gets letters back from a command that was killed', async () => {
      await put('one')
      const child = spawn(process.execPath, [dyingCommand, projectId, host()], {stdio: ['ignore', 'ignore', 'inherit']})
      const [, killedBy] = await once(child, 'exit')
      assert.equal(killedBy, 'SIGKILL')
      const queue = open()
      const back = await until('the letter is back', async () => {
        const found = await queue.peek([], signal)
        return found.deadLetters.length > 0 ? found : undefined
      })
      assert.deepEqual(texts(back), ['one'])
    })

    it('says what to do where the subscription is missing', async () => {
      await pubSub.subscription('dead-letters').delete()
      await assert.rejects(open().peek([], signal), (error: unknown) => {
        assert.ok(error instanceof UnavailableError)
        assert.match(error.message, /subscriptions\/dead-letters: the subscription is missing, deploy creates it/)
        return true
      })
    })
  })
}
