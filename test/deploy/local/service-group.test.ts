import assert from 'node:assert/strict'
import {createServiceGroup} from '../../../deploy/local/service-group.ts'

const service = (name: string, stopped: string[], error?: Error) => ({
  async stop() {
    stopped.push(name)
    if (error !== undefined) throw error
  },
})

describe('createServiceGroup', () => {
  it('names the service that can’t start, with the reason', async () => {
    const group = createServiceGroup()
    const cause = new Error('line 3 of the journal is damaged')
    await assert.rejects(group.add('Pub/Sub', Promise.reject(cause)), {
      message: "the sandbox can't start its Pub/Sub: line 3 of the journal is damaged",
      cause,
    })
    await group.stop()
  })

  it('stops the last first, and waits for what was still starting', async () => {
    const stopped: string[] = []
    const group = createServiceGroup()
    const late = Promise.withResolvers<ReturnType<typeof service>>()
    await group.add('first', Promise.resolve(service('first', stopped)))
    await group.add('second', Promise.resolve(service('second', stopped)))
    const starting = group.add('late', late.promise)
    const stopping = group.stop()
    late.resolve(service('late', stopped))
    await Promise.all([starting, stopping])
    assert.deepEqual(stopped, ['late', 'second', 'first'])
  })

  it('stops the others when one can’t stop, and says so', async () => {
    const stopped: string[] = []
    const group = createServiceGroup()
    await group.add('first', Promise.resolve(service('first', stopped)))
    await group.add('second', Promise.resolve(service('second', stopped, new Error('no'))))
    await assert.rejects(group.stop(), {message: 'no'})
    assert.deepEqual(stopped, ['second', 'first'])
    await group.stop()
    assert.equal(stopped.length, 2, 'once')
  })
})
