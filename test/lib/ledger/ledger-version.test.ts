import assert from 'node:assert/strict'
import {type BigQueryEmulator, startBigQuery} from '../../../deploy/local/bigquery/server.ts'
import {setUpLedger} from '../../../deploy/local/ledger-setup.ts'
import {createBigQuery} from '../../../lib/bigquery/bigquery-client.ts'
import {readLedgerVersion} from '../../../lib/ledger/ledger-version.ts'
import {createRunLedger} from '../../../lib/ledger/run-ledger.ts'
import {createEntry} from '../../support/ledger-entry.ts'

describe('readLedgerVersion', () => {
  let emulator: BigQueryEmulator
  before(async () => {
    emulator = await startBigQuery({projectId: 'cloudact-local'})
  })
  after(() => emulator.stop())

  it('changes with every row that is written, and with nothing else', async () => {
    const bigQuery = createBigQuery({projectId: 'cloudact-local', url: emulator.url})
    await assert.rejects(readLedgerVersion(bigQuery), {name: 'UnavailableError', message: /Not found/})
    await setUpLedger(bigQuery)
    const ledger = createRunLedger(bigQuery)
    const versions = new Set([await readLedgerVersion(bigQuery)])
    for (let row = 1; row <= 3; row += 1) {
      await ledger.record(createEntry({runId: `bootstrap@${row}`}))
      versions.add(await readLedgerVersion(bigQuery))
      await ledger.since(new Date(0))
      assert.ok(versions.has(await readLedgerVersion(bigQuery)))
    }
    assert.equal(versions.size, 4)
  })
})
