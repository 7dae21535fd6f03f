import assert from 'node:assert/strict'
import {BigQuery} from '@google-cloud/bigquery'
import {PassThroughClient} from 'google-auth-library'
import {type BigQueryEmulator, startBigQuery} from '../../../deploy/local/bigquery/server.ts'
import {type EmulatorServer, startEmulatorServer} from '../../../deploy/local/emulator/emulator-server.ts'
import type {EmulatorRequest} from '../../../deploy/local/emulator/exchange.ts'
import {createInjectedFaults, type InjectedFaults} from '../../../deploy/local/emulator/injected-faults.ts'
import {createBigQuery} from '../../../lib/bigquery/bigquery-client.ts'
import {createQuotaTable, type QuotaTable} from '../../../lib/bigquery/quota-table.ts'
import {collectStatements} from '../../support/collect-statements.ts'

const projectId = 'cloudact-local'
const jobs = /\/jobs$/

describe('createQuotaTable', () => {
  const never = new AbortController().signal

  describe('on the sandbox’s BigQuery', () => {
    let bigQuery: BigQueryEmulator
    let quotaTable: QuotaTable
    beforeEach(async () => {
      bigQuery = await startBigQuery({projectId, ...collectStatements})
      quotaTable = createQuotaTable({bigQuery: createBigQuery({projectId, url: bigQuery.url}), signal: never})
    })
    afterEach(() => bigQuery.stop())

    /** Two organizations on each of three days. */
    async function seed(): Promise<void> {
      const dataset = createBigQuery({projectId, url: bigQuery.url}).dataset('organizations')
      await dataset.create()
      const [table] = await dataset.createTable('org_usage_quotas', {
        schema: 'usage_id:STRING,org_slug:STRING,usage_date:DATE',
        timePartitioning: {type: 'DAY', field: 'usage_date'},
      })
      assert.equal(table.id, 'org_usage_quotas')
      for (const day of ['2026-08-23', '2026-08-24', '2026-08-25']) {
        await bigQuery.execute(
          `INSERT INTO organizations.org_usage_quotas VALUES ('1', 'acme_inc', '${day}'), ('2', 'initech', '${day}')`,
        )
      }
    }
    const days = async () =>
      (await bigQuery.execute('SELECT DISTINCT CAST(usage_date AS VARCHAR) AS day FROM organizations.org_usage_quotas'))
        .map(({day}) => day)
        .toSorted()

    it('deletes the days before one, counts their rows, and finds none the second time', async () => {
      await seed()
      assert.deepEqual(await quotaTable.deleteBefore('2026-08-25'), {rows: 4})
      assert.deepEqual(await days(), ['2026-08-25'])
      assert.deepEqual(await quotaTable.deleteBefore('2026-08-25'), {rows: 0})
    })

    it('measures without deleting', async () => {
      await seed()
      assert.deepEqual(await quotaTable.measureBefore('2026-08-24'), {rows: 2, bytes: 0})
      assert.deepEqual(await days(), ['2026-08-23', '2026-08-24', '2026-08-25'])
    })

    it('knows that the dataset or the table does not exist', async () => {
      assert.equal(await quotaTable.deleteBefore('2026-08-25'), undefined)
      assert.equal(await quotaTable.measureBefore('2026-08-25'), undefined)
      await createBigQuery({projectId, url: bigQuery.url}).dataset('organizations').create()
      assert.equal(await quotaTable.deleteBefore('2026-08-25'), undefined)
      assert.equal(await quotaTable.measureBefore('2026-08-25'), undefined)
    })

    it('deletes all the same when the answer to the DELETE is lost', async () => {
      await seed()
      bigQuery.faults.inject({method: 'POST', path: jobs, kind: 'reset-after'})
      await quotaTable.deleteBefore('2026-08-25').catch(error => assert.equal(error.name, 'UnavailableError'))
      assert.deepEqual(await days(), ['2026-08-25'])
      assert.deepEqual(await quotaTable.deleteBefore('2026-08-25'), {rows: 0})
      assert.equal(bigQuery.faults.pending(), 0)
    })
  })

  describe('on the wire', () => {
    let server: EmulatorServer
    let faults: InjectedFaults
    let asked: EmulatorRequest[]
    let isComplete: () => boolean
    let rowsSaid: Record<string, string>
    let refusal: {status: number; body: unknown} | undefined
    let quotaTable: QuotaTable
    let stop: AbortController
    beforeEach(async () => {
      asked = []
      isComplete = () => true
      rowsSaid = {numDmlAffectedRows: '36'}
      refusal = undefined
      stop = new AbortController()
      faults = createInjectedFaults()
      server = await startEmulatorServer({faults, respond: async request => answer(request)})
      quotaTable = createQuotaTable({bigQuery: createBigQuery({projectId, url: server.url}), signal: stop.signal})
    })
    afterEach(() => server.stop())

    function answer(request: EmulatorRequest): {status: number; body: unknown} {
      asked.push(request)
      if (refusal !== undefined) return refusal
      const jobReference = {projectId, jobId: 'job-1', location: 'us-central1'}
      if (jobs.test(request.url.pathname)) {
        const statistics = {totalBytesProcessed: '0', query: {}}
        return {status: 200, body: {jobReference, status: {state: 'RUNNING'}, statistics}}
      }
      return {status: 200, body: {jobReference, jobComplete: isComplete(), ...rowsSaid}}
    }

    it('sends one DELETE with a DATE parameter, no location and nothing else in its condition', async () => {
      assert.deepEqual(await quotaTable.deleteBefore('2026-08-25'), {rows: 36})
      assert.deepEqual(
        asked.map(({method, url}) => `${method} ${url.pathname.split('/').slice(5, 6)}`),
        ['POST jobs', 'GET queries'],
      )
      const {configuration, jobReference} = JSON.parse(asked[0]?.body ?? '')
      assert.deepEqual(configuration, {
        query: {
          query: 'DELETE FROM `organizations.org_usage_quotas` WHERE `usage_date` < @day',
          useLegacySql: false,
          parameterMode: 'named',
          queryParameters: [{name: 'day', parameterType: {type: 'DATE'}, parameterValue: {value: '2026-08-25'}}],
        },
      })
      assert.equal(jobReference.location, undefined)
      assert.equal(asked[1]?.url.searchParams.get('location'), 'us-central1', 'the job is where BigQuery put it')
    })

    it('waits for a DELETE that takes its time', async () => {
      let answers = 0
      isComplete = () => ++answers === 3
      assert.deepEqual(await quotaTable.deleteBefore('2026-08-25'), {rows: 36})
      assert.equal(asked.length, 4)
    })

    it('does not know the rows where BigQuery does not say them', async () => {
      rowsSaid = {}
      assert.deepEqual(await quotaTable.deleteBefore('2026-08-25'), {rows: undefined})
    })

    it('is interrupted while it waits when the time is up', async () => {
      isComplete = () => {
        stop.abort()
        return false
      }
      await assert.rejects(quotaTable.deleteBefore('2026-08-25'), {name: 'InterruptedError'})
    })

    it('is interrupted while BigQuery is silent when the time is up', async () => {
      faults.inject({path: jobs, kind: 'slow', delayMilliseconds: 100})
      const deleting = quotaTable.deleteBefore('2026-08-25')
      setTimeout(() => stop.abort(), 20)
      await assert.rejects(deleting, {name: 'InterruptedError'})
      assert.deepEqual(asked, [], 'BigQuery had not answered yet')
      // Nobody waits for it, but it goes on.
      while (asked.length < 2) await new Promise(resolve => setTimeout(resolve, 2))
    })

    it('asks for nothing when the time was up before', async () => {
      stop.abort()
      await assert.rejects(quotaTable.deleteBefore('2026-08-25'), {name: 'InterruptedError'})
      assert.deepEqual(asked, [])
    })

    for (const [status, reason, message, expected] of [
      [403, 'accessDenied', 'Access Denied: Table organizations', {name: 'RejectedError', message: /dataEditor/}],
      [403, 'quotaExceeded', 'Quota exceeded', {name: 'UnavailableError'}],
      [400, 'invalidQuery', 'Unrecognized name: usage_date', {name: 'RejectedError', status: 400}],
      [404, 'notFound', 'Not found: Project cloudact-local', {name: 'RejectedError', status: 404}],
    ] as const) {
      it(`takes ${status} ${reason} (${message}) for ${expected.name}`, async () => {
        refusal = {status, body: {error: {code: status, message, errors: [{reason, message, domain: 'global'}]}}}
        await assert.rejects(quotaTable.deleteBefore('2026-08-25'), expected)
        await assert.rejects(quotaTable.measureBefore('2026-08-25'), expected)
      })
    }
  })

  it('is unavailable where BigQuery can’t be reached', async () => {
    const server = await startEmulatorServer({faults: createInjectedFaults(), respond: async () => ({status: 200})})
    await server.stop()
    const bigQuery = new BigQuery({
      projectId,
      apiEndpoint: server.url,
      authClient: new PassThroughClient(),
      retryOptions: {autoRetry: false},
    })
    const quotaTable = createQuotaTable({bigQuery, signal: never})
    await assert.rejects(quotaTable.deleteBefore('2026-08-25'), {name: 'UnavailableError'})
  })
})
