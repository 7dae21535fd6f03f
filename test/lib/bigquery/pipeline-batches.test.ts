import assert from 'node:assert/strict'
import type {BigQueryTables, PipelineBatch} from '../../../deploy/local/admin-api/state/bigquery-tables.ts'
import {type BigQueryEmulator, startBigQuery} from '../../../deploy/local/bigquery/server.ts'
import {createBigQueryMirror} from '../../../deploy/local/bigquery-mirror.ts'
import {centralTables} from '../../../deploy/local/central-tables.ts'
import {createBigQuery} from '../../../lib/bigquery/bigquery-client.ts'
import {createPipelineBatches, type PipelineBatches} from '../../../lib/bigquery/pipeline-batches.ts'
import {createQuotaTable} from '../../../lib/bigquery/quota-table.ts'
import {collectStatements} from '../../support/collect-statements.ts'

const projectId = 'cloudact-local'
const columns = Object.fromEntries(Object.keys(centralTables).map(name => [name, []]))

describe('createPipelineBatches', () => {
  let emulator: BigQueryEmulator
  let batches: PipelineBatches
  let tables: BigQueryTables
  const signal = new AbortController().signal
  beforeEach(async () => {
    emulator = await startBigQuery({projectId, ...collectStatements})
    batches = createPipelineBatches({bigQuery: createBigQuery({projectId, url: emulator.url}), signal})
    tables = createBigQueryMirror(Promise.resolve(emulator), () => new Date('2026-11-26T00:00:00Z'))
  })
  afterEach(() => emulator.stop())

  const write = (given: Partial<PipelineBatch>) =>
    tables.batchEnded({
      batchRunId: 'b-1',
      orgSlug: 'ALL',
      runDate: '2026-11-25',
      dryRun: false,
      orgsProcessed: 5,
      orgsSkipped: 7,
      pipelinesTriggered: 6,
      pipelinesFailed: 1,
      pipelinesSkippedQuota: 1,
      totalIntegrations: 8,
      results: [{org_slug: 'acme_inc', provider: 'GCP_SA', status: 'failed', http_status: 500, detail: "it's down"}],
      errors: [{org_slug: 'initech', error: 'No active API key found'}],
      elapsedSeconds: 600.5,
      triggeredAt: new Date('2026-11-26T06:10:00.500Z'),
      ...given,
    })
  const since = new Date('2026-11-26T06:00:00Z')

  it('reads a row as the API writes it, and when its call began', async () => {
    await tables.bootstrapped(columns)
    await write({})
    const found = await batches.endedSince({orgSlug: undefined, day: '2026-11-25', since})
    assert.partialDeepStrictEqual(found, [
      {
        batch_run_id: 'b-1',
        orgs_processed: 5,
        pipelines_triggered: 6,
        pipelines_failed: 1,
        pipelines_skipped_quota: 1,
        total_integrations: 8,
        results: [{org_slug: 'acme_inc', provider: 'GCP_SA', status: 'failed', http_status: 500, detail: "it's down"}],
        errors: [{org_slug: 'initech', error: 'No active API key found'}],
        endedAt: new Date('2026-11-26T06:10:00.500Z'),
        startedAt: new Date('2026-11-26T06:00:00Z'),
      },
    ])
  })

  it('reads only rows of the organization, the day and the time that is asked for, and no dry run', async () => {
    await tables.bootstrapped(columns)
    await write({batchRunId: 'other organization', orgSlug: 'acme_inc'})
    await write({batchRunId: 'other day', runDate: '2026-11-24'})
    await write({batchRunId: 'earlier', triggeredAt: new Date('2026-11-26T05:59:00Z')})
    await write({batchRunId: 'dry', dryRun: true})
    assert.deepEqual(await batches.endedSince({orgSlug: undefined, day: '2026-11-25', since}), [])
    const one = await batches.endedSince({orgSlug: 'acme_inc', day: '2026-11-25', since})
    assert.partialDeepStrictEqual(one, [{batch_run_id: 'other organization'}])
  })

  it('knows when the first run since a moment ended, or that there was none', async () => {
    await tables.bootstrapped(columns)
    assert.equal(await batches.firstEndedSince(since), null)
    await write({dryRun: true})
    assert.equal(await batches.firstEndedSince(since), null)
    await write({triggeredAt: new Date('2026-11-26T09:00:00Z')})
    await write({triggeredAt: new Date('2026-11-26T07:00:00Z'), orgSlug: 'acme_inc'})
    assert.deepEqual(await batches.firstEndedSince(since), new Date('2026-11-26T07:00:00Z'))
  })

  it('knows that the table does not exist', async () => {
    assert.equal(await batches.endedSince({orgSlug: undefined, day: '2026-11-25', since}), undefined)
    assert.equal(await batches.firstEndedSince(since), undefined)
  })

  it('counts the quota records of a day beside them', async () => {
    const quotaTable = createQuotaTable({bigQuery: createBigQuery({projectId, url: emulator.url}), signal})
    assert.equal(await quotaTable.countDay('2026-12-01'), undefined)
    await tables.bootstrapped(columns)
    assert.deepEqual(await quotaTable.countDay('2026-12-01'), {organizations: 0, withMonth: 0})
    for (const [orgSlug, pipelinesRunMonth] of [
      ['acme_inc', 7],
      ['initech', 0],
      ['initech', 0],
    ] as const) {
      await tables.quotaRecordCreated({orgSlug, day: '2026-12-01', pipelinesRunMonth})
    }
    assert.deepEqual(await quotaTable.countDay('2026-12-01'), {organizations: 2, withMonth: 1})
  })
})
