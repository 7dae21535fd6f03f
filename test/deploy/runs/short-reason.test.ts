import assert from 'node:assert/strict'
import {createServer, type Server, type Socket} from 'node:net'
import * as z from 'zod'
import {toShortReason} from '../../../deploy/runs/short-reason.ts'
import {createHttpService} from '../../../lib/http/http-service.ts'
import {toMessageText} from '../../../lib/log/error-text.ts'
import {createRecordingLog} from '../../support/recording-log.ts'

/** What the ledger keeps of a call that failed at an API of this address. */
async function failAt(baseUrl: string): Promise<string> {
  const send = createHttpService({
    name: 'the admin API',
    baseUrl,
    headers: {},
    log: createRecordingLog().log,
    signal: new AbortController().signal,
    deadline: new Date(Date.now() + 60_000),
    now: () => new Date(),
    random: () => 0,
    newRequestId: () => 'b2f1c3d4-1153-418e-af76-620fc561496b',
    backoff: {retries: 0, firstDelaySeconds: 1, maxDelaySeconds: 1},
    toError: ({status}) => ({error: new Error(String(status))}),
  })
  const operation = {name: 'bootstrap status', method: 'GET', path: '/status', answer: z.unknown()} as const
  return send({...operation, timeoutSeconds: 60, isIdempotent: true}).then(String, toMessageText)
}

async function listen(onConnection: (socket: Socket) => void): Promise<{host: string; server: Server}> {
  const server = createServer(socket => onConnection(socket.on('error', () => undefined)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {host: `127.0.0.1:${address.port}`, server}
}

describe('toShortReason', () => {
  it('names the address that refuses the connection, or breaks it', async () => {
    const {host, server} = await listen(socket => socket.once('data', () => socket.resetAndDestroy()))
    const broken = await failAt(`http://${host}`)
    assert.match(broken, /request b2f1c3d4/)
    assert.equal(toShortReason(broken), `connection broken by ${host}`)
    await new Promise(resolve => server.close(resolve))
    assert.equal(toShortReason(await failAt(`http://${host}`)), `connection refused at ${host}`)
  })

  for (const [cause, short] of [
    ['getaddrinfo ENOTFOUND api.cloudact.ai', 'no such host: api.cloudact.ai'],
    ['connect ECONNREFUSED ::1:59998: connect ECONNREFUSED 127.0.0.1:59998', 'connection refused at 127.0.0.1:59998'],
    ['other side closed', 'connection broken by api.cloudact.ai'],
    ['certificate has expired', 'certificate has expired, at api.cloudact.ai'],
  ] as const) {
    it(`is "${short}"`, () => {
      const call = 'GET https://api.cloudact.ai/api/v1/admin/bootstrap/status?force_refresh=true'
      const reason = `the admin API can't be reached: bootstrap status (request 8e675e4a): Request failed due to a network error: ${call}: fetch failed: ${cause}`
      assert.equal(toShortReason(reason), short)
    })
  }

  it('leaves an answer as it is, but for the ids', () => {
    const said = '(HTTP 503, request_id 8e675e4a-487a, error_id e-1: connect ECONNREFUSED 10.0.0.1:443); wait'
    assert.equal(
      toShortReason(`the admin API could not do bootstrap status now ${said}`),
      'the admin API could not do bootstrap status now (HTTP 503: connect ECONNREFUSED 10.0.0.1:443); wait',
    )
    assert.equal(
      toShortReason('the admin API did not answer bootstrap status within 30 s (request 8e675e4a): the time was up'),
      'the admin API did not answer bootstrap status within 30 s: the time was up',
    )
  })
})
