import assert from 'node:assert/strict'
import {recordEnd} from '../../../lib/delivery/executed.ts'
import {LostClaimError} from '../../../lib/errors/lost-claim-error.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import type {Claim} from '../../../lib/ledger/run-ledger.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'

describe('recordEnd', () => {
  const end = createEntry({event: 'succeeded', attempt: 0})
  const unrecorded = {started: createEntry({attempt: 0}), isRecorded: false, attemptsOfMessage: 1}

  it('takes the number after the highest that the ledger knows, where the first is taken', async () => {
    const ledger = createMemoryLedger()
    ledger.entries.push(createEntry({attempt: 3}), createEntry({attempt: 1}), createEntry({attempt: 2}))
    await recordEnd({ledger}, unrecorded, end)
    assert.partialDeepStrictEqual(ledger.entries.at(-1), {event: 'succeeded', attempt: 4})
  })

  it('goes past an attempt of which there is no row yet', async () => {
    const tried: number[] = []
    const claim = async (entry: LedgerEntry): Promise<Claim> => {
      tried.push(entry.attempt)
      if (entry.attempt < 3) return {kind: 'taken', at: new Date()}
      return {kind: 'claimed', written: Promise.resolve()}
    }
    await recordEnd({ledger: {...createMemoryLedger(), claim}}, unrecorded, end)
    assert.deepEqual(tried, [1, 2, 3])
  })

  it('gives up after five, none of which executed anything more', async () => {
    let claims = 0
    const claim = async (): Promise<Claim> => {
      claims += 1
      if (claims > 9) assert.fail('without end')
      return {kind: 'claimed', written: Promise.reject(new LostClaimError('elsewhere'))}
    }
    await assert.rejects(recordEnd({ledger: {...createMemoryLedger(), claim}}, unrecorded, end), {
      name: 'UnavailableError',
      message: '5 other attempts of run bootstrap@1 began at once',
      mayHaveExecuted: false,
    })
    assert.equal(claims, 5)
  })
})
