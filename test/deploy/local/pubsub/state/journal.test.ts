import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {openJournal} from '../../../../../deploy/local/pubsub/state/journal.ts'
import {parseSubscriptionSettings} from '../../../../../deploy/local/pubsub/state/subscription-settings.ts'

const topic = 'projects/p/topics/orders'
const subscription = 'projects/p/subscriptions/orders'

describe('openJournal', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'journal-'))
  })
  afterEach(() => rm(folder, {recursive: true}))

  const lines = async () =>
    (await readFile(join(folder, 'journal.jsonl'), 'utf8')).split('\n').filter(line => line !== '')

  function message(id: string) {
    return {id, publishTimeMilliseconds: 1, data: 'eA==', attributes: {ключ: '1\n2'}, orderingKey: ''}
  }

  it('has written everything when a flush returns, deliveries and acknowledgements of a turn in one line each', async () => {
    const {journal} = openJournal(folder)
    journal.write({kind: 'message', message: message('1'), subscriptions: [subscription]})
    journal.delivered(subscription, '1')
    journal.delivered(subscription, '2')
    journal.acknowledged(subscription, '1')
    journal.flush()
    assert.deepEqual(
      (await lines()).map(line => JSON.parse(line)),
      [
        {kind: 'message', message: message('1'), subscriptions: [subscription]},
        {kind: 'delivered', subscription, messages: ['1', '2']},
        {kind: 'acknowledged', subscription, messages: ['1']},
      ],
    )
    journal.close()
  })

  it('writes what is noted without a flush, too, in this turn of the event loop', async () => {
    const {journal} = openJournal(folder)
    journal.delivered(subscription, '1')
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
    assert.equal((await lines()).length, 1)
    journal.close()
  })

  it('gives the state again that was written', () => {
    const settings = parseSubscriptionSettings({
      name: subscription,
      topic,
      filter: 'attributes:a',
      retryPolicy: {minimumBackoff: {seconds: 0, nanos: 100_000_000}},
    })
    const {journal} = openJournal(folder)
    journal.write({kind: 'topic', topic: {name: topic, labels: {a: 'b'}}})
    journal.write({kind: 'subscription', subscription: settings})
    for (const id of ['1', '2']) journal.write({kind: 'message', message: message(id), subscriptions: [subscription]})
    journal.delivered(subscription, '2')
    journal.acknowledged(subscription, '1')
    journal.close()

    // Twice: the second time from the journal that the first made anew.
    for (const _ of [1, 2]) {
      const {journal: next, state} = openJournal(folder)
      assert.deepEqual(state.topics, new Map([[topic, {name: topic, labels: {a: 'b'}}]]))
      const saved = state.subscriptions.get(subscription)
      assert.deepEqual(saved?.settings, settings)
      assert.deepEqual(saved?.messages, new Map([['2', {message: message('2'), attempts: 1}]]))
      next.close()
    }
  })

  it('names a full disk, keeps what it was told, and writes it whole once there is room', async function () {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], {stdio: 'ignore'})
    } catch {
      process.stdout.write('    no small disk can be mounted here: the test of a full one is skipped\n')
      return this.skip()
    }
    try {
      const filler = join(folder, 'filler')
      const {journal} = openJournal(folder)
      await writeFile(filler, 'x'.repeat(200 * 1024))
      const write = (id: string) => {
        journal.write({
          kind: 'message',
          message: {...message(id), data: 'A'.repeat(8000)},
          subscriptions: [subscription],
        })
        journal.flush()
      }
      let written = 0
      assert.throws(
        () => {
          for (; written < 100; written += 1) write(String(written))
        },
        {status: 'UNAVAILABLE', message: /can't write its journal .*journal\.jsonl: ENOSPC/},
      )
      assert.ok(written > 0 && written < 100)
      await rm(filler)
      journal.flush()
      const ids = (await lines()).map(line => JSON.parse(line).message.id)
      assert.deepEqual(
        ids,
        Array.from({length: written + 1}, (_, id) => String(id)),
      )
      journal.close()
    } finally {
      execFileSync('umount', [folder])
    }
  })
})
