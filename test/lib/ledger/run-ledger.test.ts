import assert from 'node:assert/strict'
import {BigQuery} from '@google-cloud/bigquery'
import fc from 'fast-check'
import {PassThroughClient} from 'google-auth-library'
import {type BigQueryEmulator, startBigQuery} from '../../../deploy/local/bigquery/server.ts'
import {setUpLedger} from '../../../deploy/local/ledger-setup.ts'
import {createBigQuery} from '../../../lib/bigquery/bigquery-client.ts'
import {type LedgerEntry, ledgerEvents} from '../../../lib/ledger/ledger-entry.ts'
import {createRunLedger, type RunLedger} from '../../../lib/ledger/run-ledger.ts'
import {collectStatements} from '../../support/collect-statements.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'

const projectId = 'cloudact-local'
const insertJob = /\/jobs$/

describe('createRunLedger', () => {
  let bigQuery: BigQueryEmulator
  let ledger: RunLedger
  before(async () => {
    bigQuery = await startBigQuery({projectId, ...collectStatements})
    await setUpLedger(createBigQuery({projectId, url: bigQuery.url}))
    ledger = createRunLedger(createBigQuery({projectId, url: bigQuery.url}))
  })
  after(() => bigQuery.stop())
  beforeEach(() => bigQuery.execute('DELETE FROM scheduler_jobs.job_runs'))
  afterEach(() => {
    const left = bigQuery.faults.pending()
    bigQuery.faults.clear()
    assert.equal(left, 0, 'faults that were never met')
  })

  it('gives back every entry as it was written', async () => {
    const full: LedgerEntry = {
      ...createEntry({runId: 'bootstrap@full', event: 'failed', attempt: 3, part: 2, at: '2026-11-23T08:00:00.123Z'}),
      leaseUntil: new Date('2026-11-23T08:02:00.456Z'),
      trigger: 'replay',
      requestedBy: 'älice "x" \' \\ 東',
      args: {org: ['a', 'b'], n: 1.5, deep: {yes: true}, text: 'it\'s "\\" \n 🚀'},
      summary: 'two\nlines',
      counts: {tablesCreated: 12},
      error: createFinalError('permanent', 'letter-7'),
      durationMilliseconds: 1234,
      requestId: 'r-1',
    }
    const bare = createEntry({runId: 'bootstrap@full', at: '2026-11-23T07:59:00Z'})
    await ledger.record(full)
    await ledger.record(bare)
    const strip = (entries: object[]) => JSON.parse(JSON.stringify(entries))
    assert.deepEqual(strip(await ledger.history('bootstrap@full')), strip([bare, full]))
    assert.ok((await ledger.history('bootstrap@full'))[1]?.leaseUntil instanceof Date)
  })

  it('lists what a run has of a day without a query, in order, whatever else is in it', async () => {
    const of = (runId: string, at: string, attempt: number) => createEntry({runId, at, attempt, args: {org: ['a']}})
    const day = ['2026-11-23T00:00:00Z', '2026-11-23T11:00:00Z', '2026-11-23T23:59:59.999Z']
    const written = [
      of('bootstrap@1', '2026-11-22T23:59:59.999Z', 1),
      ...day.toReversed().map((at, index) => of('bootstrap@1', at, 4 - index)),
      of('bootstrap@2', '2026-11-23T12:00:00Z', 1),
      of('bootstrap@1', '2026-11-24T00:00:00Z', 5),
    ]
    for (const entry of written) await ledger.record(entry)
    // What a row of another run holds is nothing to this one.
    await bigQuery.execute(
      `INSERT INTO scheduler_jobs.job_runs (run_id, "at") VALUES ('x', TIMESTAMPTZ '2026-11-23 01:00:00Z')`,
    )
    const noon = new Date('2026-11-23T12:00:00Z')
    const listed = await ledger.historyOfDay('bootstrap@1', noon)
    assert.deepEqual(
      listed?.map(({at}) => at.toISOString()),
      day.map(at => new Date(at).toISOString()),
    )
    const queried = (await ledger.history('bootstrap@1')).filter(({at}) => at.getUTCDate() === 23)
    assert.deepEqual(listed, queried)
    assert.deepEqual(await ledger.historyOfDay('bootstrap@3', noon), [])
    // Without a row there is no such partition.
    assert.deepEqual(await ledger.historyOfDay('bootstrap@1', new Date('2026-11-25T12:00:00Z')), [])
  })

  it('lists again after it could not read the table', async () => {
    const other = createRunLedger(createBigQuery({projectId, url: bigQuery.url}))
    const noon = new Date('2026-11-23T12:00:00Z')
    await ledger.record(createEntry({runId: 'bootstrap@1', at: '2026-11-23T12:00:00Z'}))
    const response = {status: 403, body: {error: {code: 403, message: 'no'}}}
    bigQuery.faults.inject({method: 'GET', path: /job_runs$/, kind: 'status', response})
    await assert.rejects(other.historyOfDay('bootstrap@1', noon), {name: 'UnavailableError', status: 403})
    assert.equal((await other.historyOfDay('bootstrap@1', noon))?.length, 1)
  })

  it('leaves a day of more than a thousand rows to a query', async () => {
    const rows = "SELECT 'bootstrap@' || i, TIMESTAMPTZ '2026-11-23 01:00:00Z' FROM range(1001) t(i)"
    await bigQuery.execute(`INSERT INTO scheduler_jobs.job_runs (run_id, "at") ${rows}`)
    assert.equal(await ledger.historyOfDay('bootstrap@1', new Date('2026-11-23T12:00:00Z')), undefined)
  })

  it('reads no partition of before a run can have begun, where a command asks for that', async () => {
    const beginningOf = (id: string) => (id === runId ? new Date('2026-11-21T08:00:00Z') : undefined)
    const bounded = createRunLedger(createBigQuery({projectId, url: bigQuery.url}), {beginningOf})
    const runId = 'daily-alerts@2026-11-23T08:00Z'
    const hour = (at: string) => createEntry({runId, job: 'daily-alerts', at})
    for (const at of ['2026-11-20T08:00:00Z', '2026-11-22T08:00:00Z', '2026-11-23T08:00:00Z'])
      await ledger.record(hour(at))
    const found = (await bounded.history(runId)).map(({at}) => at.toISOString().slice(0, 10))
    assert.deepEqual(found, ['2026-11-22', '2026-11-23'])
    assert.equal((await ledger.history(runId)).length, 3, 'a delivery reads everything')
    const together = await bounded.histories([runId, 'bootstrap@1'])
    assert.equal(together.get(runId)?.length, 3, 'beside an id without a time nothing is known')
  })

  it('says when its oldest entry was written', async () => {
    assert.equal(await ledger.beginning(), undefined)
    for (const at of ['2026-11-22T08:00:00Z', '2026-11-20T08:00:00.123Z', '2026-11-23T08:00:00Z']) {
      await ledger.record(createEntry({at}))
    }
    assert.equal((await ledger.beginning())?.toISOString(), '2026-11-20T08:00:00.123Z')
  })

  it('gives back the histories of several runs in one statement', async () => {
    const one = [createEntry({runId: 'bootstrap@1'}), createEntry({runId: 'bootstrap@1', event: 'succeeded'})]
    const two = createEntry({runId: 'daily-alerts@2', job: 'daily-alerts'})
    for (const entry of [...one, two, createEntry({runId: 'bootstrap@3'})]) await ledger.record(entry)
    const histories = await ledger.histories(['bootstrap@1', 'daily-alerts@2', 'bootstrap@none'])
    assert.deepEqual([...histories.keys()].sort(), ['bootstrap@1', 'daily-alerts@2'])
    assert.deepEqual(
      histories.get('bootstrap@1')?.map(({event}) => event),
      ['started', 'succeeded'],
    )
    assert.deepEqual(await ledger.histories([]), new Map())
  })

  it('gives back any text and any arguments', async () => {
    const text = fc.string({unit: fc.constantFrom(...'aZ0 é東🚀"\'`\\\n\t%@{}')})
    const any = fc.dictionary(text, fc.jsonValue({maxDepth: 2}), {noNullPrototype: true})
    let runs = 0
    await fc.assert(
      fc.asyncProperty(text, any, async (summary, args) => {
        runs += 1
        const plain = JSON.parse(JSON.stringify(args))
        await ledger.record(createEntry({runId: `bootstrap@any-${runs}`, event: 'succeeded', summary, args: plain}))
        const [entry] = await ledger.history(`bootstrap@any-${runs}`)
        assert.deepEqual([entry?.summary, entry?.args], [summary, plain])
      }),
      {numRuns: 25},
    )
  })

  it('gives a run its own history only, oldest first', async () => {
    await ledger.record(createEntry({runId: 'bootstrap@b', event: 'succeeded', at: '2026-11-23T08:01:00Z'}))
    await ledger.record(createEntry({runId: 'bootstrap@b', at: '2026-11-23T08:00:00Z'}))
    await ledger.record(createEntry({runId: 'bootstrap@c'}))
    assert.deepEqual(
      (await ledger.history('bootstrap@b')).map(({event}) => event),
      ['started', 'succeeded'],
    )
    assert.deepEqual(await ledger.history("bootstrap@b' OR 'a' = 'a"), [])
  })

  it('gives entries since a moment, of one job or of all, without signs of life', async () => {
    const entries = [
      createEntry({runId: 'a@1', job: 'a', at: '2026-11-23T07:59:59.999Z'}),
      createEntry({runId: 'a@2', job: 'a', at: '2026-11-23T08:00:00Z'}),
      createEntry({runId: 'a@2', job: 'a', event: 'progress', at: '2026-11-23T08:01:00Z'}),
      createEntry({runId: 'b@1', job: 'b', at: '2026-11-23T08:02:00Z'}),
    ]
    for (const entry of entries) await ledger.record(entry)
    const moment = new Date('2026-11-23T08:00:00Z')
    const runIds = async (filter?: {job?: string; until?: Date}) =>
      (await ledger.since(moment, filter)).map(({runId}) => runId)
    assert.deepEqual(
      [await runIds(), await runIds({job: 'a'}), await runIds({job: 'c'})],
      [['a@2', 'b@1'], ['a@2'], []],
    )
    const until = new Date('2026-11-23T08:02:00Z')
    assert.deepEqual([await runIds({until}), await runIds({until, job: 'b'})], [['a@2'], []])
  })

  describe('a claim', () => {
    const started = (given: Parameters<typeof createEntry>[0] = {}) => createEntry({runId: 'bootstrap@claim', ...given})

    const isClaimed = async (by: RunLedger, entry: LedgerEntry) => {
      const claim = await by.claim(entry)
      if (claim.kind === 'claimed') await claim.written
      return claim.kind === 'claimed'
    }

    it('is won by one of many at once', async () => {
      const claims = Array.from({length: 8}, (_, index) =>
        ledger.claim(started({messageId: `m-${index}`, runId: 'bootstrap@many'})),
      )
      const won = (await Promise.all(claims)).map(({kind}) => kind === 'claimed')
      assert.equal(won.filter(Boolean).length, 1)
      const history = await ledger.history('bootstrap@many')
      assert.deepEqual(
        history.map(({messageId}) => messageId),
        [`m-${won.indexOf(true)}`],
      )
    })

    it('is one of its attempt and its run alone', async () => {
      assert.equal(await isClaimed(ledger, started({runId: 'bootstrap@2026-11-23T08:00Z'})), true)
      assert.equal(await isClaimed(ledger, started({runId: 'bootstrap@2026-11-23T08:00Z', attempt: 2})), true)
      assert.equal(
        await isClaimed(ledger, started({runId: 'bootstrap@2026-11-23T08_00Z'})),
        true,
        'ids alike in all but one character',
      )
      assert.equal(await isClaimed(ledger, started({runId: 'bootstrap@2026-11-23T08:00Z', attempt: 2})), false)
    })

    it('knows its own write again when the answer was lost', async () => {
      bigQuery.faults.inject({method: 'POST', path: insertJob, kind: 'reset-after'})
      const quick = createRunLedger(createQuickBigQuery(bigQuery.url))
      assert.equal(await isClaimed(quick, started({runId: 'bootstrap@lost'})), true)
      assert.equal((await ledger.history('bootstrap@lost')).length, 1)
    })

    it('takes a job that failed for nobody’s, and claims under another id', async () => {
      await bigQuery.execute('ALTER TABLE scheduler_jobs.job_runs RENAME TO away')
      await assert.rejects(isClaimed(ledger, started({runId: 'bootstrap@spent'})), {name: 'UnavailableError'})
      await bigQuery.execute('ALTER TABLE scheduler_jobs.away RENAME TO job_runs')
      assert.equal(await isClaimed(ledger, started({runId: 'bootstrap@spent'})), true)
      assert.equal(await isClaimed(ledger, started({runId: 'bootstrap@spent'})), false)
    })
  })

  it('appends every end of an attempt, whoever wrote one before', async () => {
    const run = {runId: 'bootstrap@ends'}
    for (const event of ledgerEvents) {
      await ledger.record(createEntry({...run, event}))
      await ledger.record(createEntry({...run, event}))
    }
    assert.equal((await ledger.history(run.runId)).length, 2 * ledgerEvents.length)
  })

  describe('that can’t be used', () => {
    it('says that the table is missing, and what it is called', async () => {
      const other = await startBigQuery({projectId, ...collectStatements})
      try {
        const empty = createRunLedger(createBigQuery({projectId, url: other.url}))
        await assert.rejects(empty.history('bootstrap@1'), {
          name: 'UnavailableError',
          status: 404,
          message: /^can't read the run ledger: the table scheduler_jobs\.job_runs is missing \(BigQuery: /,
        })
      } finally {
        await other.stop()
      }
    })

    it('says which roles are missing', async () => {
      const response = {
        status: 403,
        body: {
          error: {code: 403, message: 'Access Denied', errors: [{reason: 'accessDenied', message: 'Access Denied'}]},
        },
      }
      bigQuery.faults.inject({method: 'POST', path: insertJob, kind: 'status', response})
      await assert.rejects(ledger.record(createEntry()), {
        name: 'UnavailableError',
        status: 403,
        message: /roles bigquery\.jobUser on the project, bigquery\.dataEditor on the dataset/,
      })
    })

    it('is unavailable where nobody listens', async () => {
      const other = await startBigQuery({projectId, ...collectStatements})
      await other.stop()
      const gone = createQuickBigQuery(other.url)
      await assert.rejects(createRunLedger(gone).history('bootstrap@1'), {
        name: 'UnavailableError',
        mayHaveExecuted: false,
      })
    })
  })
})

/** Google's client, with less patience. */
function createQuickBigQuery(url: string): BigQuery {
  const retryOptions = {autoRetry: true, maxRetries: 3, maxRetryDelay: 0.01}
  return new BigQuery({projectId, apiEndpoint: url, authClient: new PassThroughClient(), retryOptions})
}
