import assert from 'node:assert/strict'
import {type AdminApiEmulator, startAdminApi} from '../../../deploy/local/admin-api/server.ts'
import {defaultRelease} from '../../../deploy/local/admin-api/state/release.ts'
import {type BigQueryEmulator, startBigQuery} from '../../../deploy/local/bigquery/server.ts'
import {createBigQueryMirror} from '../../../deploy/local/bigquery-mirror.ts'
import pipelines from '../../../functions/daily/pipelines.ts'
import {createAdminApi} from '../../../lib/admin-api/admin-api.ts'
import {createBigQuery} from '../../../lib/bigquery/bigquery-client.ts'
import {createPipelineBatches} from '../../../lib/bigquery/pipeline-batches.ts'
import {createQuotaTable} from '../../../lib/bigquery/quota-table.ts'
import {ensureTodaysRecords} from '../../../lib/quota-reset/todays-records.ts'
import {collectStatements} from '../../support/collect-statements.ts'
import {runJob} from '../../support/job-run.ts'
import {createRecordingLog} from '../../support/recording-log.ts'
import {until} from '../../support/test-sandbox.ts'

const rootKey = 'root-key-of-the-tests'
const projectId = 'cloudact-local'
const signal = new AbortController().signal

/** Requests that Cloud Run closes while their work goes on, seen through what the API writes in BigQuery. */
describe('calls that are cut off', function () {
  this.timeout(60_000)
  let bigQuery: BigQueryEmulator
  let emulator: AdminApiEmulator
  afterEach(async () => {
    await emulator.stop()
    await bigQuery.stop()
  })

  async function start(given: {organizations?: number; secondsPerOrganization: number}) {
    bigQuery = await startBigQuery({projectId, ...collectStatements})
    const now = () => new Date()
    const tables = createBigQueryMirror(Promise.resolve(bigQuery), now)
    await tables.bootstrapped(defaultRelease().centralTables)
    emulator = await startAdminApi({rootKey, closesAfterSeconds: 0.3, bigQuery: tables, ...given})
    const {log} = createRecordingLog()
    const api = createAdminApi({
      baseUrl: emulator.url,
      rootKey,
      log,
      signal,
      deadline: new Date(Date.now() + 60_000),
      now,
      random: () => 0,
      newRequestId: () => 'r-1',
    })
    const client = createBigQuery({projectId, url: bigQuery.url})
    return {api, log, now, bigQuery: client}
  }

  it('leave each organization with one quota record, however often the request is closed', async () => {
    const {api, log, now, bigQuery} = await start({organizations: 30, secondsPerOrganization: 0.02})
    const context = {
      api,
      log,
      now,
      quotaTable: createQuotaTable({bigQuery, signal}),
      environment: {jobTimeoutSeconds: undefined},
      windDown: signal,
      progress: () => undefined,
    }
    const records = await ensureTodaysRecords(context, {look: 0.05, still: 1})
    assert.partialDeepStrictEqual(records, {isComplete: true, active: 30, created: 30})
    const slugs = emulator.requestLog.quotaRecords.map(({orgSlug}) => orgSlug)
    assert.deepEqual([slugs.length, new Set(slugs).size], [30, 30])
    const calls = emulator.requestLog.done.filter(({operation}) => operation === 'reset-daily')
    // The first was closed; those after it found nothing left to do.
    assert.partialDeepStrictEqual(calls, [{clientGone: true, changes: 30}, {changes: 0}])
  })

  it('trigger pipelines once, and end with what the API wrote down of them', async () => {
    const {api, bigQuery} = await start({secondsPerOrganization: 0.2})
    const pipelineBatches = createPipelineBatches({bigQuery, signal})
    emulator.organizations.setState('acme_inc', {integrations: [{provider: 'GCP_SA', outcome: 'quota_exceeded'}]})
    const first = new Date().toISOString()
    const {outcome} = await runJob(pipelines, {now: first, api, pipelineBatches, windDown: AbortSignal.abort()})
    assert.equal(outcome.event, 'continued', outcome.summary)

    await until('the call has ended inside', async () =>
      emulator.requestLog.done.some(({operation}) => operation === 'run-pipelines') ? true : undefined,
    )
    const {outcome: last} = await runJob(pipelines, {
      now: new Date().toISOString(),
      args: {...outcome.next},
      part: 2,
      pipelineBatches,
    })
    assert.equal(last.event, 'degraded')
    assert.partialDeepStrictEqual(last.counts, {integrations: 6, pipelinesTriggered: 5, pipelinesOverQuota: 1})
    assert.match(last.errors.join(), /acme_inc, repeat just these: .*GCP_SA quota_exceeded/)
    assert.equal(emulator.requestLog.pipelines.length, 5)
  })
})
