import assert from 'node:assert/strict'
import type {BigQuery} from '@google-cloud/bigquery'
import {type BigQueryEmulator, startBigQuery} from '../../../../deploy/local/bigquery/server.ts'
import {createBigQuery} from '../../../../lib/bigquery/bigquery-client.ts'

const projectId = 'cloudact-local'
const fields = [
  {name: 'n', type: 'INT64'},
  {name: 'at', type: 'TIMESTAMP'},
  {name: 'args', type: 'JSON'},
]

describe('the BigQuery emulator, listing rows', () => {
  let emulator: BigQueryEmulator
  let bigQuery: BigQuery
  before(async () => {
    emulator = await startBigQuery({projectId})
    bigQuery = createBigQuery({projectId, url: emulator.url})
    const [dataset] = await bigQuery.createDataset('d')
    await dataset.createTable('days', {schema: {fields}, timePartitioning: {type: 'DAY', field: 'at'}})
    await dataset.createTable('plain', {schema: {fields}})
    for (const table of ['days', 'plain']) {
      await emulator.execute(
        `INSERT INTO d.${table} SELECT i, TIMESTAMPTZ '2026-11-23 12:00:00.5Z' + to_days(CAST(i // 4 AS INTEGER)), '{"i": ' || i || '}' FROM range(8) t(i)`,
      )
    }
  })
  after(() => emulator.stop())

  const rowsOf = async (id: string, options = {}) => (await bigQuery.dataset('d').table(id).getRows(options))[0]

  it('gives Google’s client all rows over several pages, in no order that could be relied on', async () => {
    const table = bigQuery.dataset('d').table('plain')
    const numbers: number[] = []
    const sizes: number[] = []
    for (let query: object | null = {maxResults: 3}; query !== null; ) {
      const answer: unknown[] = await table.getRows({...query, autoPaginate: false})
      const [rows = [], next] = answer as [{n: number}[]?, (object | null)?]
      numbers.push(...rows.map(({n}) => n))
      sizes.push(rows.length)
      query = next ?? null
    }
    assert.deepEqual(
      [[...numbers].sort(), sizes],
      [
        [0, 1, 2, 3, 4, 5, 6, 7],
        [3, 3, 2],
      ],
    )
    assert.notDeepEqual(numbers, [...numbers].sort())
  })

  it('gives the values of a column’s type', async () => {
    const [row] = (await rowsOf('plain')).filter(({n}) => n === 0)
    assert.deepEqual([row.n, row.at.value, row.args], [0, '2026-11-23T12:00:00.500Z', '{"i": 0}'])
  })

  it('gives a day its own rows', async () => {
    const table = bigQuery.dataset('d').table('days$20261124')
    table.metadata = {schema: {fields}}
    const [rows] = await table.getRows()
    assert.deepEqual(rows.map(({n}) => n).toSorted(), [4, 5, 6, 7])
  })

  for (const [id, message, code] of [
    ['days$20261125', /Not found: Partition days\$20261125/, 404],
    ['days$202611', /Invalid table decorator/, 400],
    ['days$x', /Invalid table decorator/, 400],
    ['days$2026-11-24', /Invalid table decorator/, 400],
    ['days$20261399', /Invalid table decorator/, 400],
    ['days$20260230', /Invalid table decorator/, 400],
    ['plain$20261124', /Invalid table decorator/, 400],
    ['none', /Not found: Table/, 404],
  ] as const) {
    it(`refuses ${id}`, async () => {
      await assert.rejects(rowsOf(id), {code, message})
    })
  }

  it('refuses what this project does not send', async () => {
    await assert.rejects(rowsOf('plain', {startIndex: '3'}), {code: 400, message: /startIndex|does not list data so/})
  })
})
