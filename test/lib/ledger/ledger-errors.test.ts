import assert from 'node:assert/strict'
import {BigQuery} from '@google-cloud/bigquery'
import {PassThroughClient} from 'google-auth-library'
import {type EmulatorServer, startEmulatorServer} from '../../../deploy/local/emulator/emulator-server.ts'
import type {EmulatorRequest, EmulatorResponse} from '../../../deploy/local/emulator/exchange.ts'
import {createInjectedFaults, type InjectedFaults} from '../../../deploy/local/emulator/injected-faults.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {createRunLedger} from '../../../lib/ledger/run-ledger.ts'
import {createEntry} from '../../support/ledger-entry.ts'

const projectId = 'cloudact-local'
const jobReference = {projectId, jobId: 'x', location: 'us-central1'}

/** What may have been written decides whether an attempt may have begun: BigQuery's answers, one by one. */
describe('what a failure of the ledger proves', () => {
  let server: EmulatorServer
  let faults: InjectedFaults
  let respond: (request: EmulatorRequest) => EmulatorResponse
  before(async () => {
    faults = createInjectedFaults()
    server = await startEmulatorServer({faults, respond: async request => respond(request)})
  })
  after(() => server.stop())
  afterEach(() => faults.clear())

  const ledgerAt = (apiEndpoint: string) =>
    createRunLedger(
      new BigQuery({
        projectId,
        apiEndpoint,
        authClient: new PassThroughClient(),
        retryOptions: {autoRetry: false, maxRetries: 0},
      }),
    )
  const refusal = (status: number, reason: string): EmulatorResponse => ({
    status,
    body: {error: {code: status, message: `no: ${reason}`, errors: [{reason, message: `no: ${reason}`}]}},
  })
  const failureOf = async (asking: Promise<unknown>): Promise<UnavailableError> => {
    const error = await asking.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof UnavailableError)
    return error
  }

  for (const [status, reason, mayHaveExecuted] of [
    [400, 'invalid', false],
    [403, 'accessDenied', false],
    [404, 'notFound', false],
    [499, 'invalid', false],
    [500, 'internalError', true],
    [503, 'backendError', true],
  ] as const) {
    it(`of HTTP ${status} to a claim: it ${mayHaveExecuted ? 'may have been' : 'was not'} written`, async () => {
      respond = () => refusal(status, reason)
      const error = await failureOf(ledgerAt(server.url).claim(createEntry()))
      assert.deepEqual([error.mayHaveExecuted, error.status], [mayHaveExecuted, status])
    })
  }

  it('of a connection that broke: it may have been written, unless it was refused', async () => {
    respond = () => refusal(500, 'internalError')
    faults.inject({kind: 'reset-after', times: 9})
    assert.equal((await failureOf(ledgerAt(server.url).claim(createEntry()))).mayHaveExecuted, true)
    assert.equal((await failureOf(ledgerAt('http://127.0.0.1:1').claim(createEntry()))).mayHaveExecuted, false)
  })

  it('of reading: nothing was executed, whatever came', async () => {
    respond = () => refusal(503, 'backendError')
    const error = await failureOf(ledgerAt(server.url).history('bootstrap@1'))
    assert.equal(error.mayHaveExecuted, false)
    assert.match(error.message, /^can't read the run ledger \(BigQuery: no: backendError\)$/)
  })

  it('says what to fix where the table is missing, or may not be used', async () => {
    respond = () => refusal(404, 'notFound')
    assert.match(
      (await failureOf(ledgerAt(server.url).record(createEntry()))).message,
      /job_runs is missing \(BigQuery/,
    )
    respond = () => refusal(403, 'accessDenied')
    assert.match(
      (await failureOf(ledgerAt(server.url).record(createEntry()))).message,
      /may not use it \(roles bigquery\./,
    )
    respond = () => refusal(400, 'invalid')
    assert.match(
      (await failureOf(ledgerAt(server.url).record(createEntry()))).message,
      /write the run ledger \(BigQuery: /,
    )
  })

  it('records only what can be read: an accepted job that fails for good is a failure', async () => {
    respond = ({method, url}) => {
      if (method === 'POST') return {status: 200, body: {jobReference, status: {state: 'RUNNING'}}}
      if (url.pathname.includes('/queries/')) return refusal(400, 'invalidQuery')
      const errorResult = {reason: 'invalidQuery', message: 'no such column'}
      return {
        status: 200,
        body: {
          jobReference,
          configuration: {},
          status: {state: 'DONE', errorResult},
          statistics: {creationTime: '1795694000000'},
        },
      }
    }
    await failureOf(ledgerAt(server.url).record(createEntry()))
  })

  it('names ids that BigQuery takes, of one length whatever the run is called', async () => {
    const ids: string[] = []
    respond = ({method, body}) => {
      if (method === 'POST') ids.push(JSON.parse(body).jobReference.jobId)
      return refusal(503, 'backendError')
    }
    const long = `bootstrap@${'x:'.repeat(32)}`
    for (const runId of ['bootstrap@1', long, `${'b'.repeat(99)}@${'y'.repeat(60)}`]) {
      await failureOf(ledgerAt(server.url).claim(createEntry({runId})))
    }
    const [short = '', , cut = ''] = ids
    assert.match(short, /^run-bootstrap_1-[0-9a-f]{16}-1-started$/)
    assert.match(cut, /^run-b{99}_-[0-9a-f]{16}-1-started$/)
    assert.ok(ids.every(id => /^[\w-]{1,1024}$/.test(id)))
  })
})
