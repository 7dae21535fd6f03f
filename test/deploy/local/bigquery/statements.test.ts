import assert from 'node:assert/strict'
import type {BigQuery} from '@google-cloud/bigquery'
import {type BigQueryEmulator, startBigQuery} from '../../../../deploy/local/bigquery/server.ts'
import {setUpLedger} from '../../../../deploy/local/ledger-setup.ts'
import {createBigQuery} from '../../../../lib/bigquery/bigquery-client.ts'
import {bigQueryErrorOf} from '../../../../lib/bigquery/bigquery-error.ts'
import {knownTables} from '../../../support/known-tables.ts'
import {statementCases} from '../../../support/statement-cases.ts'

const projectId = 'cloudact-local'

describe("the sandbox's BigQuery", () => {
  let emulator: BigQueryEmulator
  let bigQuery: BigQuery
  before(async () => {
    emulator = await startBigQuery({projectId})
    bigQuery = createBigQuery({projectId, url: emulator.url})
    await setUpLedger(bigQuery)
    await bigQuery.dataset('organizations').create()
    for (const {dataset, table, metadata} of knownTables) {
      if (dataset === 'organizations')
        await bigQuery.dataset(dataset).createTable(table, {schema: {fields: [...metadata.schema.fields]}})
    }
  })
  after(() => emulator.stop())

  const query = (sql: string, more: Record<string, unknown> = {}) =>
    bigQuery.query({
      query: sql,
      params: {
        text: '1',
        number: 1,
        moment: bigQuery.timestamp(new Date(0)),
        day: bigQuery.date('2026-01-02'),
        texts: ['a', 'b'],
      },
      ...more,
    })
  const refusalOf = async (sql: string, more?: Record<string, unknown>) => {
    try {
      await query(sql, more)
      return undefined
    } catch (error) {
      const {status, reason, message} = bigQueryErrorOf(error)
      return {status, reason, message}
    }
  }

  for (const {sql, refusal} of statementCases) {
    if (refusal === undefined) {
      it(`takes ${sql}`, () => query(sql))
      continue
    }
    it(`refuses ${sql === '' ? 'an empty statement' : sql}`, async () => {
      const found = await refusalOf(sql)
      assert.deepEqual({status: found?.status, reason: found?.reason}, {status: 400, reason: 'invalidQuery'})
      // What the sandbox doesn't support goes on with where, and with what it takes.
      assert.equal(found?.message.slice(0, refusal.length), refusal)
    })
  }

  it('refuses in a dry run what it refuses otherwise', async () => {
    const refusal = await refusalOf('SELECT job, COUNT(*) FROM `scheduler_jobs.job_runs`', {dryRun: true})
    assert.equal(refusal?.status, 400)
    assert.match(refusal?.message ?? '', /GROUP BY/)
  })

  it('refuses the legacy dialect', async () => {
    const refusal = await refusalOf('SELECT 1', {useLegacySql: true})
    assert.match(refusal?.message ?? '', /legacy SQL/)
  })

  it('says which required column has no value', async () => {
    const refusal = await refusalOf("INSERT INTO `organizations.org_usage_quotas` (`usage_id`) VALUES ('1')")
    assert.deepEqual(refusal?.message, 'Required field org_slug cannot be null')
  })

  it('takes a name with a quote in it for a name', async () => {
    const refusal = await refusalOf('SELECT `run_id" FROM scheduler_jobs.job_runs; --` FROM `scheduler_jobs.job_runs`')
    assert.match(refusal?.message ?? '', /^Unrecognized name: run_id" FROM/)
  })

  it('takes a text for a text, whatever it looks like', async () => {
    const [rows] = await query("SELECT '$p0', @text AS x, \"it's -- `no` /* comment\" AS y")
    assert.deepEqual(rows, [{f0_: '$p0', x: '1', y: "it's -- `no` /* comment"}])
  })

  it('reads no file, even for the statements of a seed', async () => {
    await assert.rejects(emulator.execute("SELECT * FROM read_text('package.json')"), /file system|disabled/i)
    await assert.rejects(emulator.execute('SET enable_external_access = true'), /lock|cannot/i)
  })

  it('keeps its own schemas apart from datasets', async () => {
    for (const name of ['sandbox', 'main', 'Information_Schema']) {
      await assert.rejects(bigQuery.dataset(name).create(), {message: `Invalid dataset ID "${name}".`})
    }
  })

  it('gives every accepted statement to a listener, with its parameters’ types', async () => {
    const accepted: unknown[] = []
    const other = await startBigQuery({projectId, onAccepted: statement => void accepted.push(statement)})
    try {
      const client = createBigQuery({projectId, url: other.url})
      await client.query({query: 'SELECT @a AS x, @b AS y', params: {a: 1, b: ['c']}})
      await assert.rejects(client.query('SELECT at'))
    } finally {
      await other.stop()
    }
    const parameters = [
      {name: 'a', type: 'INT64'},
      {name: 'b', type: 'ARRAY<STRING>'},
    ]
    assert.deepEqual(accepted, [{query: 'SELECT @a AS x, @b AS y', parameters, table: undefined}])
  })
})
