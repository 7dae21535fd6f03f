import assert from 'node:assert/strict'
import {type BigQueryEmulator, startBigQuery} from '../../../deploy/local/bigquery/server.ts'
import {setUpLedger} from '../../../deploy/local/ledger-setup.ts'
import {createBigQuery} from '../../../lib/bigquery/bigquery-client.ts'
import {ledgerDataset, ledgerTable, ledgerTableMetadata} from '../../../lib/ledger/ledger-table.ts'
import {createRunLedger} from '../../../lib/ledger/run-ledger.ts'
import {collectStatements} from '../../support/collect-statements.ts'
import {createEntry} from '../../support/ledger-entry.ts'

const projectId = 'cloudact-local'

describe('setUpLedger', () => {
  let emulator: BigQueryEmulator
  before(async () => {
    emulator = await startBigQuery({projectId, ...collectStatements})
  })
  after(() => emulator.stop())

  it('gives a table of an earlier release its new columns, and keeps its rows', async () => {
    const bigQuery = createBigQuery({projectId, url: emulator.url})
    const fields = ledgerTableMetadata.schema.fields.filter(({name}) => name !== 'request_id')
    await bigQuery.dataset(ledgerDataset).create()
    await bigQuery.dataset(ledgerDataset).createTable(ledgerTable, {...ledgerTableMetadata, schema: {fields}})
    await emulator.execute(
      `INSERT INTO scheduler_jobs.job_runs VALUES ('bootstrap@1', 'bootstrap', 1, 1, 'started', now(), NULL, 'm-1',
        'manual', 'alice', '{}', NULL, NULL, NULL, NULL, '1.0.0')`,
    )
    await setUpLedger(bigQuery)
    await setUpLedger(bigQuery)
    const ledger = createRunLedger(bigQuery)
    await ledger.record(createEntry({event: 'discarded', attempt: 2, requestId: 'r-1', at: '2099-01-01T00:00:00Z'}))
    assert.deepEqual(
      (await ledger.history('bootstrap@1')).map(({event, requestId}) => [event, requestId]),
      [
        ['started', undefined],
        ['discarded', 'r-1'],
      ],
    )
  })

  it('takes no column away', async () => {
    const table = createBigQuery({projectId, url: emulator.url}).dataset(ledgerDataset).table(ledgerTable)
    const fields = ledgerTableMetadata.schema.fields.slice(1)
    await assert.rejects(table.setMetadata({schema: {fields}}), /Field run_id is missing in new schema/)
  })
})
