import assert from 'node:assert/strict'
import {LostClaimError} from '../../../lib/errors/lost-claim-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {claimAndWait} from '../../../lib/ledger/claim-and-wait.ts'
import type {Claim} from '../../../lib/ledger/run-ledger.ts'
import {createEntry} from '../../support/ledger-entry.ts'

describe('claimAndWait', () => {
  const entry = createEntry({event: 'discarded'})
  const claimOf = (claim: Claim) => claimAndWait({claim: async () => claim}, entry)

  it('has the claim once its row can be read, and not before', async () => {
    let write: () => void = () => assert.fail('not yet')
    let isDone = false
    const written = new Promise<void>(resolve => {
      write = resolve
    })
    const claiming = claimOf({kind: 'claimed', written}).finally(() => {
      isDone = true
    })
    await new Promise(setImmediate)
    assert.equal(isDone, false)
    write()
    assert.equal(await claiming, true)
  })

  it('has not what is somebody else’s, at once or by the time that it is written', async () => {
    assert.equal(await claimOf({kind: 'taken', at: new Date()}), false)
    assert.equal(await claimOf({kind: 'claimed', written: Promise.reject(new LostClaimError('elsewhere'))}), false)
  })

  it('throws what leaves it unknown', async () => {
    const down = new UnavailableError('down', {mayHaveExecuted: true})
    await assert.rejects(claimOf({kind: 'claimed', written: Promise.reject(down)}), thrown => thrown === down)
    await assert.rejects(claimAndWait({claim: () => Promise.reject(down)}, entry), thrown => thrown === down)
  })
})
