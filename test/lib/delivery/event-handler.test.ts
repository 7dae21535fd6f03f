import assert from 'node:assert/strict'
import type {Deliver} from '../../../lib/delivery/deliver.ts'
import {createEventHandler} from '../../../lib/delivery/event-handler.ts'
import {NotAcknowledgedError} from '../../../lib/errors/not-acknowledged-error.ts'
import {createRedact} from '../../../lib/log/redact.ts'
import {createRecordingLog} from '../../support/recording-log.ts'

const key = 'k3y/of=the+root'

describe('createEventHandler', () => {
  function createScene(deliver: Deliver) {
    const {log, records} = createRecordingLog()
    const tracked: Promise<void>[] = []
    const {signal} = new AbortController()
    const track = (delivery: Promise<void>) => {
      tracked.push(delivery)
      return delivery
    }
    const redact = createRedact({CA_ROOT_API_KEY: key})
    return {handle: createEventHandler({deliver, stop: {signal, track}, redact, log}), records, tracked, signal}
  }

  it('acknowledges by resolving, and counts the delivery as in flight', async () => {
    const calls: unknown[][] = []
    const {handle, tracked, signal} = createScene(async (...args) => void calls.push(args))
    await handle({id: '1'})
    assert.deepEqual(calls, [[{id: '1'}, signal]])
    assert.equal(tracked.length, 1)
  })

  it('hands on what says itself that the message comes back', async () => {
    const error = new NotAcknowledgedError('later')
    const {handle, records} = createScene(() => Promise.reject(error))
    await assert.rejects(handle({}), thrown => thrown === error)
    assert.deepEqual(records, [])
  })

  it('answers with no secret, whatever was thrown, and logs the cause', async () => {
    const cause = new TypeError(`refused ${key} and ${encodeURIComponent(key)}`)
    const {handle, records} = createScene(() => Promise.reject(cause))
    await assert.rejects(handle({}), {
      name: 'NotAcknowledgedError',
      message: 'refused [secret CA_ROOT_API_KEY] and [secret CA_ROOT_API_KEY]',
    })
    assert.partialDeepStrictEqual(records, [{level: 'error', error: cause}])
  })

  it('never takes a thrown undefined for an acknowledgement', async () => {
    const {handle} = createScene(() => Promise.reject(undefined))
    await assert.rejects(handle({}), NotAcknowledgedError)
  })
})
