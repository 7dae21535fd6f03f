import assert from 'node:assert/strict'
import {BigQuery} from '@google-cloud/bigquery'
import {PassThroughClient} from 'google-auth-library'
import * as z from 'zod'
import {type EmulatorServer, startEmulatorServer} from '../../../deploy/local/emulator/emulator-server.ts'
import type {EmulatorRequest, EmulatorResponse} from '../../../deploy/local/emulator/exchange.ts'
import {createInjectedFaults} from '../../../deploy/local/emulator/injected-faults.ts'
import {createBigQuery} from '../../../lib/bigquery/bigquery-client.ts'
import {claimAndWait} from '../../../lib/ledger/claim-and-wait.ts'
import {createRunLedger, type RunLedger} from '../../../lib/ledger/run-ledger.ts'
import {startBlackHole} from '../../support/black-hole.ts'
import {createEntry} from '../../support/ledger-entry.ts'

const projectId = 'cloudact-local'
const insertSchema = z.object({
  jobReference: z.object({jobId: z.string()}),
  configuration: z.object({labels: z.record(z.string(), z.string())}),
})
const passing = {reason: 'backendError', message: 'try again'}
const created = Date.UTC(2026, 10, 23, 8)

type Job = {writer: string; state: 'RUNNING' | 'DONE'; errorResult?: {reason: string; message: string}}

/** BigQuery's jobs, as far as a claim sees them; unlike the emulator's, they can be unfinished. */
describe('a claim, by what BigQuery says of its job', () => {
  let server: EmulatorServer
  let ledger: RunLedger
  let jobs: Map<string, Job>
  /** What becomes of a job that is accepted. */
  let fate: (jobId: string) => Omit<Job, 'writer'>
  let requests: string[]
  beforeEach(async () => {
    jobs = new Map()
    requests = []
    fate = () => ({state: 'DONE'})
    server = await startEmulatorServer({faults: createInjectedFaults(), respond: async request => answer(request)})
    const retryOptions = {autoRetry: false}
    ledger = createRunLedger(
      new BigQuery({projectId, apiEndpoint: server.url, authClient: new PassThroughClient(), retryOptions}),
    )
  })
  afterEach(() => server.stop())

  const refusal = (status: number, reason: string, message = reason): EmulatorResponse => ({
    status,
    body: {error: {code: status, message, errors: [{reason, message}]}},
  })

  function answer({method, url, body}: EmulatorRequest): EmulatorResponse {
    const jobId = decodeURIComponent(url.pathname.split('/').at(-1) ?? '')
    const jobReference = {projectId, jobId, location: 'us-central1'}
    requests.push(`${method} ${url.pathname.includes('/queries/') ? 'results' : 'job'}`)
    if (method === 'POST') {
      const insert = insertSchema.parse(JSON.parse(body))
      if (jobs.has(insert.jobReference.jobId)) return refusal(409, 'duplicate')
      const writer = insert.configuration.labels['writer'] ?? ''
      jobs.set(insert.jobReference.jobId, {writer, ...fate(insert.jobReference.jobId)})
      return {status: 200, body: {jobReference: insert.jobReference, status: {state: 'RUNNING'}}}
    }
    const job = jobs.get(jobId)
    if (job === undefined) return refusal(404, 'notFound')
    const {writer, state, errorResult} = job
    if (url.pathname.includes('/queries/')) {
      if (errorResult !== undefined) return refusal(400, errorResult.reason, errorResult.message)
      if (state === 'RUNNING') return refusal(400, 'broken')
      return {status: 200, body: {jobReference, jobComplete: true}}
    }
    const configuration = {labels: {writer}}
    const status = {state, ...(errorResult === undefined ? {} : {errorResult})}
    return {status: 200, body: {jobReference, configuration, status, statistics: {creationTime: String(created)}}}
  }

  /** What the ledger calls the job of the claim with this number of used-up ids before it. */
  async function jobIdOf(consumed: number): Promise<string> {
    await claimAndWait(ledger, createEntry())
    const [jobId = ''] = jobs.keys()
    jobs.clear()
    requests.length = 0
    return consumed === 0 ? jobId : `${jobId}-${consumed}`
  }

  it('is another one’s from the creation of the job on, done or not: two requests, and no waiting', async () => {
    for (const state of ['RUNNING', 'DONE'] as const) {
      jobs.set(await jobIdOf(0), {writer: 'another', state})
      assert.deepEqual(await ledger.claim(createEntry()), {kind: 'taken', at: new Date(created)})
      assert.deepEqual(requests, ['POST job', 'GET job'])
    }
  })

  it('goes to the next id where the job with this one failed, whoever’s it was', async () => {
    const [first, second, third] = [await jobIdOf(0), await jobIdOf(1), await jobIdOf(2)]
    jobs.set(first, {writer: 'another', state: 'DONE', errorResult: passing})
    jobs.set(second, {writer: 'another', state: 'DONE', errorResult: passing})
    assert.equal(await claimAndWait(ledger, createEntry()), true)
    assert.deepEqual([...jobs.keys()], [first, second, third])
  })

  it('is accepted before its row is written', async () => {
    const claim = await ledger.claim(createEntry())
    assert.equal(claim.kind, 'claimed')
    assert.deepEqual(requests.slice(0, 1), ['POST job'])
    if (claim.kind === 'claimed') await claim.written
  })

  it('is claimed again under the next id when its job fails', async () => {
    fate = jobId => (jobId.endsWith('-1') ? {state: 'DONE'} : {state: 'DONE', errorResult: passing})
    assert.equal(await claimAndWait(ledger, createEntry()), true)
    assert.equal(jobs.size, 2)
  })

  it('is lost when its job fails and another one was quicker under the next id', async () => {
    const next = await jobIdOf(1)
    jobs.set(next, {writer: 'another', state: 'DONE'})
    fate = () => ({state: 'DONE', errorResult: passing})
    const claim = await ledger.claim(createEntry())
    assert.ok(claim.kind === 'claimed')
    await assert.rejects(claim.written, {name: 'LostClaimError', message: 'attempt 1 was claimed elsewhere'})
    jobs.clear()
    jobs.set(next, {writer: 'another', state: 'DONE'})
    assert.equal(await claimAndWait(ledger, createEntry()), false)
  })

  it('has an unknown end where the job goes on though its results can’t be read', async () => {
    fate = () => ({state: 'RUNNING'})
    await assert.rejects(claimAndWait(ledger, createEntry()), {name: 'UnavailableError'})
    assert.equal(jobs.size, 1)
  })

  it('fails where its job failed for a reason that does not pass', async () => {
    fate = () => ({state: 'DONE', errorResult: {reason: 'invalidQuery', message: 'no such column'}})
    await assert.rejects(claimAndWait(ledger, createEntry()), {
      name: 'UnavailableError',
      mayHaveExecuted: false,
      message: /no such column/,
    })
    assert.equal(jobs.size, 1)
  })

  it('gives up after 30 ids', async () => {
    fate = () => ({state: 'DONE', errorResult: passing})
    await assert.rejects(claimAndWait(ledger, createEntry()), {
      name: 'UnavailableError',
      mayHaveExecuted: false,
      message: /^the run ledger refused the entry 30 times: check run-bootstrap_1-/,
    })
    assert.equal(jobs.size, 30)
  })

  it('is its writer’s again, and nobody else’s', async () => {
    assert.equal((await ledger.claim(createEntry(), 'writer-a')).kind, 'claimed')
    assert.equal((await ledger.claim(createEntry(), 'writer-a')).kind, 'claimed')
    assert.equal((await ledger.claim(createEntry(), 'writer-b')).kind, 'taken')
    assert.equal((await ledger.claim(createEntry())).kind, 'taken')
  })
})

describe('a ledger that accepts a connection and never answers', () => {
  it('is unavailable past its deadline: reads, claims and entries alike', async () => {
    const hole = await startBlackHole()
    const bigQuery = createBigQuery({projectId, url: hole.url})
    const ledger = createRunLedger(bigQuery, {deadlineSeconds: 0.1})
    try {
      const silent = (action: string, mayHaveExecuted: boolean) => ({
        name: 'UnavailableError',
        mayHaveExecuted,
        message: `can't ${action} the run ledger: BigQuery did not answer within 0.1 s`,
      })
      await assert.rejects(ledger.history('bootstrap@1'), silent('read', false))
      await assert.rejects(ledger.since(new Date()), silent('read', false))
      await assert.rejects(ledger.claim(createEntry()), silent('write', true))
      await assert.rejects(ledger.record(createEntry()), silent('write', true))
    } finally {
      await hole.stop()
    }
  })

  it('is left by the client itself as well: its requests have a time limit', () => {
    assert.equal(createBigQuery({projectId, url: 'http://127.0.0.1:1'}).timeout, 14_000)
    assert.equal(createBigQuery({projectId}).timeout, 14_000)
  })
})
