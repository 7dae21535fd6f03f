import assert from 'node:assert/strict'
import {type BigQueryEmulator, startBigQuery} from '../../../../deploy/local/bigquery/server.ts'

/** More than are kept. */
const queries = 1100

describe('the jobs that the BigQuery emulator remembers', function () {
  this.timeout(60_000)
  let emulator: BigQueryEmulator
  before(async () => {
    emulator = await startBigQuery({projectId: 'p'})
  })
  after(() => emulator.stop())

  const ask = (method: string, path: string, json?: unknown) =>
    fetch(`${emulator.url}/bigquery/v2/projects/p${path}`, {
      method,
      headers: {'content-type': 'application/json'},
      ...(json === undefined ? {} : {body: JSON.stringify(json)}),
    })

  it('are those with an id of their own, and of the others the newest: polling costs no memory', async () => {
    const claim = {
      jobReference: {jobId: 'claim-1', location: 'US'},
      configuration: {query: {query: 'SELECT 1', useLegacySql: false}},
    }
    assert.equal((await ask('POST', '/jobs', claim)).status, 200)
    const ids: string[] = []
    for (let sent = 0; sent < queries; sent += 1) {
      const answer = await (await ask('POST', '/queries', {query: 'SELECT 1', useLegacySql: false})).json()
      ids.push((answer as {jobReference: {jobId: string}}).jobReference.jobId)
    }
    assert.equal((await ask('GET', `/jobs/${ids[0]}`)).status, 404)
    assert.equal((await ask('GET', `/jobs/${ids.at(-1)}`)).status, 200)
    assert.deepEqual(await emulator.execute('SELECT id FROM sandbox.jobs'), [{id: 'claim-1'}])
    assert.equal((await ask('GET', '/jobs/claim-1')).status, 200)
    assert.equal((await ask('POST', '/jobs', claim)).status, 409, 'its id stays consumed')
  })
})
