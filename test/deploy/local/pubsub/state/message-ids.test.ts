import assert from 'node:assert/strict'
import {createMessageIds} from '../../../../../deploy/local/pubsub/state/message-ids.ts'

describe('createMessageIds', () => {
  it('begins with the time, so that no emptied sandbox gives an id again', () => {
    const next = createMessageIds(() => 1_795_000_000_000, [])
    assert.deepEqual([next(), next()], ['1795000000000001', '1795000000000002'])
  })

  it('goes on after what is known, when the clock was set back', () => {
    const next = createMessageIds(() => 1000, ['7', '1795000000000041', '8'])
    assert.equal(next(), '1795000000000042')
  })
})
