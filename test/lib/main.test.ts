import assert from 'node:assert/strict'
import * as z from 'zod'
import {toEventarcRequest, toPushBody} from '../support/push-delivery.ts'
import {type ServedFunction, servedRootKey, startServedFunction} from '../support/served-function.ts'

const syncPath = '/api/v1/admin/bootstrap/sync'
const statusPath = '/api/v1/admin/bootstrap/status'

/** Longer than any run may wait, so that it fails at once in a way that may pass. */
const unavailable = (message: string) => ({status: 503, body: {detail: {message, retry_after: 3600}}})

/** A push to the bootstrap function, for a run of its own. */
const pushOf = (id: string, data = '{}') =>
  toPushBody({
    data,
    messageId: `m-${id}`,
    attributes: {job: 'bootstrap', runId: `bootstrap@${id}`, requestedBy: 'tests'},
  })

describe('the deployed handler', () => {
  let served: ServedFunction
  before(async () => {
    served = await startServedFunction('cloudact-manual-bootstrap', {LOG_FORMAT: 'cloud'})
  })
  after(() => served.stop())
  afterEach(() => served.adminApi.faults.clear())

  const post = (body: object) => served.post(JSON.stringify(body))
  const eventsOf = async (id: string) => (await served.ledger.history(`bootstrap@${id}`)).map(({event}) => event)
  const noteOf = async (id: string) => (await served.deadLetters()).find(({note}) => note?.runId === `bootstrap@${id}`)

  it('answers 204 to a push when the run is over and in the ledger', async () => {
    const {status, text} = await post(pushOf('first'))
    assert.deepEqual([status, text], [204, ''])
    assert.deepEqual(await eventsOf('first'), ['started', 'succeeded'])
    assert.deepEqual(
      served.adminApi.requestLog.done.map(({operation}) => operation),
      ['bootstrap-status', 'bootstrap'],
    )
    assert.match(served.adminApi.requestLog.done[0]?.userAgent ?? '', /^cloudact-scheduler-jobs\/\d/)
  })

  it('answers 204 to a push without data, which the framework leaves as it is', async () => {
    assert.equal((await post(pushOf('empty', ''))).status, 204)
    assert.deepEqual(await eventsOf('empty'), ['started', 'succeeded'])
  })

  it('answers 204 to Eventarc’s binary CloudEvent, and takes the trace from its header', async () => {
    const {headers, body} = toEventarcRequest({
      messageId: 'm-9',
      attributes: {job: 'bootstrap', runId: 'bootstrap@eventarc'},
    })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    assert.equal((await served.post(body, {...headers, traceparent})).status, 204)
    assert.deepEqual(await eventsOf('eventarc'), ['started', 'succeeded'])
    const lines = served.lines.filter(line => line.includes('bootstrap@eventarc'))
    assert.ok(lines.length > 0 && lines.every(line => line.includes('traces/0af7651916cd43dd8448eb211c80319c')))
  })

  it('executes once what is delivered twice at the same moment, and nothing the third time', async () => {
    const body = pushOf('twice', '{"forceSync":true}')
    const before = served.adminApi.requestLog.done.length
    const statuses = await Promise.all([post(body), post(body)])
    assert.deepEqual(
      [...statuses, await post(body)].map(({status}) => status),
      [204, 204, 204],
    )
    assert.equal(served.adminApi.requestLog.done.length - before, 2)
    assert.deepEqual((await eventsOf('twice')).toSorted(), ['duplicate', 'duplicate', 'started', 'succeeded'])
  })

  it('answers 204 to garbage, which is a dead letter then', async () => {
    const {status} = await post(pushOf('garbage', 'no JSON'))
    assert.equal(status, 204)
    const deadLetter = await noteOf('garbage')
    assert.deepEqual([deadLetter?.note?.kind, deadLetter?.data], ['unreadable', 'no JSON'])
  })

  it('replays a dead letter that was published again with all its attributes', async () => {
    const refused = {status: 400, body: {detail: 'no'}}
    served.adminApi.faults.inject({path: statusPath, kind: 'status', response: refused})
    assert.equal((await post(pushOf('by-hand'))).status, 204)
    const deadLetter = await noteOf('by-hand')
    assert.ok(deadLetter !== undefined)
    const {data, attributes} = deadLetter
    assert.equal((await post(toPushBody({data, attributes, messageId: 'm-by-hand-2'}))).status, 204)
    assert.deepEqual(await eventsOf('by-hand'), ['started', 'failed', 'started', 'succeeded'])
    const last = (await served.ledger.history('bootstrap@by-hand')).at(-1)
    assert.partialDeepStrictEqual(last, {trigger: 'replay', requestedBy: 'by hand', attempt: 2})
  })

  it('answers 204 to what is for another job, and runs nothing', async () => {
    const before = served.adminApi.requestLog.done.length
    assert.equal((await post(toPushBody({attributes: {job: 'org-sync-all'}, messageId: 'm-other'}))).status, 204)
    assert.deepEqual([served.adminApi.requestLog.done.length, await eventsOf('m-other')], [before, []])
  })

  it('answers 500 when the run may pass later, and 204 when it has', async () => {
    served.adminApi.faults.inject({path: statusPath, kind: 'status', response: unavailable('down')})
    assert.equal((await post(pushOf('later'))).status, 500)
    assert.equal((await post(pushOf('later'))).status, 204)
    assert.deepEqual(await eventsOf('later'), ['started', 'failed', 'started', 'succeeded'])
    assert.equal((await served.ledger.history('bootstrap@later')).at(-1)?.attempt, 2)
  })

  for (const [what, body, headers] of [
    ['text', 'garbage', {'content-type': 'text/plain'}],
    ['half of JSON', '{"message":', {'content-type': 'application/json'}],
    ['bytes', '\u0000\u0001', {'content-type': 'application/octet-stream'}],
    ['a form', 'a=b', {'content-type': 'application/x-www-form-urlencoded'}],
  ] as const) {
    it(`lives on after a body that is ${what}`, async () => {
      const {status} = await served.post(body, headers)
      assert.ok([204, 400, 500].includes(status), String(status))
      assert.equal((await post(pushOf('first'))).status, 204)
    })
  }

  it('never tells the root key: not in its log, its answers, the ledger or a dead letter', async () => {
    const forms = [servedRootKey, encodeURIComponent(servedRootKey), Buffer.from(servedRootKey).toString('base64')]
    const detail = `you sent ${forms.join(' and ')}`
    served.adminApi.faults.inject({path: syncPath, kind: 'status', response: {status: 422, body: {detail}}})
    const told = [await post(pushOf('secret', '{"forceSync":true}'))]
    served.adminApi.faults.inject({path: statusPath, kind: 'status', response: unavailable(detail)})
    told.push(await post(pushOf('secret-later')))
    assert.deepEqual(
      told.map(({status}) => status),
      [204, 500],
    )

    const deadLetter = await noteOf('secret')
    assert.equal(deadLetter?.note?.kind, 'permanent')
    assert.match(deadLetter?.note?.reason ?? '', /you sent \[secret CA_ROOT_API_KEY\] and /)
    const history = [
      ...(await served.ledger.history('bootstrap@secret')),
      ...(await served.ledger.history('bootstrap@secret-later')),
    ]
    const all = JSON.stringify([told, deadLetter, history, served.lines])
    for (const form of forms) assert.ok(!all.includes(form.slice(0, 12)), `${form.slice(0, 12)} was told`)
  })

  it('prints JSON lines that Cloud Logging understands, and one that closes each attempt', async () => {
    await post(pushOf('lines', '{"forceSync":true}'))
    const parsed = served.lines
      .filter(line => line.includes('bootstrap@lines'))
      .map(line => z.looseObject({severity: z.string(), message: z.string()}).parse(JSON.parse(line)))
    const closing = parsed.filter(line => 'outcome' in line)
    assert.equal(closing.length, 1)
    assert.partialDeepStrictEqual(closing[0], {
      severity: 'INFO',
      outcome: 'succeeded',
      'logging.googleapis.com/labels': {job: 'bootstrap', runId: 'bootstrap@lines', attempt: '1'},
    })
    assert.ok(parsed.some(({message}) => message === 'OpenClaw initializing CloudAct BigQuery infrastructure'))
  })

  it('hands over when it is told to stop, and says so before it ends', async () => {
    served.adminApi.faults.inject({path: statusPath, kind: 'slow', delayMilliseconds: 60_000})
    const posting = post(pushOf('stopped'))
    while (served.adminApi.faults.pending() > 0) await new Promise(setImmediate)
    await served.process.end('SIGTERM')
    assert.equal((await posting).status, 500)
    const last = (await served.ledger.history('bootstrap@stopped')).at(-1)
    assert.partialDeepStrictEqual(last, {event: 'failed', error: {name: 'InterruptedError', disposition: 'transient'}})
    assert.equal(last?.error?.kind, undefined)
  })
})
