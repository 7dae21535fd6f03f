import assert from 'node:assert/strict'
import {BigQuery, type Query} from '@google-cloud/bigquery'
import {createQuotaTable} from '../../../lib/bigquery/quota-table.ts'
import {createRunLedger} from '../../../lib/ledger/run-ledger.ts'
import {createEntry} from '../../support/ledger-entry.ts'

/** All that may stand outside backticks; whatever else is a name, and the next release of GoogleSQL may reserve it. */
const keywords = new Set(
  'SELECT FROM WHERE AND ORDER BY AS INSERT INTO VALUES DELETE COUNT TO_JSON_STRING PARSE_JSON'.split(' '),
)

/** BigQuery's client, that keeps statements instead of sending them. */
class KeepingBigQuery extends BigQuery {
  readonly kept: string[] = []
  override createQueryJob(query: Query | string): never {
    return this.keep(query)
  }
  override query(query: Query | string): never {
    return this.keep(query)
  }
  private keep(query: Query | string): never {
    this.kept.push((typeof query === 'string' ? query : query.query) ?? '')
    throw new Error('kept')
  }
}

describe('every statement sent to BigQuery', () => {
  it('quotes every name, since `at` is a reserved word', async () => {
    const bigQuery = new KeepingBigQuery({projectId: 'cloudact-local'})
    const ledger = createRunLedger(bigQuery)
    const quotaTable = createQuotaTable({bigQuery, signal: new AbortController().signal})
    await Promise.allSettled([
      ledger.history('bootstrap@1'),
      ledger.since(new Date()),
      ledger.since(new Date(), {job: 'bootstrap', until: new Date()}),
      ledger.claim(createEntry()),
      ledger.record(createEntry()),
      quotaTable.deleteBefore('2026-08-25'),
      quotaTable.measureBefore('2026-08-25'),
    ])
    assert.equal(bigQuery.kept.length, 7)
    for (const statement of bigQuery.kept) {
      const bare = statement.replace(/`[^`]+`/g, '').replace(/@\w+/g, '')
      assert.deepEqual(
        (bare.match(/[A-Za-z_]\w*/g) ?? []).filter(word => !keywords.has(word)),
        [],
        statement,
      )
    }
  })

  it('names job and run id, the columns by which the ledger is clustered', async () => {
    const bigQuery = new KeepingBigQuery({projectId: 'cloudact-local'})
    await assert.rejects(createRunLedger(bigQuery).history('daily-alerts@2026-11-23T08:00Z'))
    assert.match(bigQuery.kept[0] ?? '', /WHERE `job` = @job AND `run_id` = @runId /)
  })
})
