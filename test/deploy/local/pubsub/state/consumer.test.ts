import assert from 'node:assert/strict'
import type {Delivery} from '../../../../../deploy/local/pubsub/state/backlog.ts'
import {type Consumer, createConsumers} from '../../../../../deploy/local/pubsub/state/consumer.ts'
import {StatusError} from '../../../../../deploy/local/pubsub/wire/status-error.ts'

describe('createConsumers', () => {
  let ready: number
  let leases: {consumer: string; count: number}[]

  beforeEach(() => {
    ready = 0
    leases = []
  })

  /** What is ready is only a number here: the messages themselves do not matter. */
  function create() {
    return createConsumers({
      readyCount: () => ready,
      lease(consumer, maxMessages) {
        const count = Math.min(ready, maxMessages)
        ready -= count
        const name = names.get(consumer)
        if (name !== undefined) leases.push({consumer: name, count})
        return new Array<Delivery>(count)
      },
    })
  }

  const names = new Map<Consumer, string>()

  function consumer(name: string, room: number, onClosed?: (reason: StatusError) => void): Consumer {
    let left = room
    const made: Consumer = {
      capacity: () => ({messages: left, bytes: 1}),
      deadlineMilliseconds: () => 10_000,
      take(deliveries) {
        left -= deliveries.length
      },
      ...(onClosed === undefined ? {} : {onClosed}),
    }
    names.set(made, name)
    return made
  }

  const settled = () => new Promise(resolve => setImmediate(resolve))

  it('takes turns, in portions', async () => {
    const consumers = create()
    consumers.add(consumer('one', 1000))
    consumers.add(consumer('two', 1000))
    ready = 250
    consumers.dispatch()
    await settled()
    assert.deepEqual(leases, [
      {consumer: 'one', count: 100},
      {consumer: 'two', count: 100},
      {consumer: 'one', count: 50},
    ])
  })

  it('passes over who has no room, and stops when nobody has', async () => {
    const consumers = create()
    consumers.add(consumer('full', 0))
    consumers.add(consumer('roomy', 3))
    ready = 5
    consumers.dispatch()
    await settled()
    assert.deepEqual(leases, [{consumer: 'roomy', count: 3}])
    assert.equal(ready, 2)
  })

  it('hands out once for many reasons', async () => {
    const consumers = create()
    consumers.add(consumer('one', 10))
    for (let index = 0; index < 10; index += 1) {
      ready += 1
      consumers.dispatch()
    }
    await settled()
    assert.deepEqual(leases, [{consumer: 'one', count: 10}])
  })

  it('gives nothing more to who was removed or sent away', async () => {
    const consumers = create()
    const reasons: string[] = []
    const removed = consumer('removed', 10)
    consumers.add(removed)
    consumers.remove(removed)
    consumers.add(consumer('sent away', 10, reason => reasons.push(reason.message)))
    consumers.close(new StatusError('NOT_FOUND', 'gone'))
    ready = 1
    consumers.dispatch()
    await settled()
    assert.deepEqual(leases, [])
    assert.deepEqual(reasons, ['gone'])
  })
})
