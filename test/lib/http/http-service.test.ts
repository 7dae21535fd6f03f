import assert from 'node:assert/strict'
import {once} from 'node:events'
import {createServer} from 'node:net'
import {currentVersion} from '../../../lib/environment/version.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {createHttpCounterparts, createOperation} from '../../support/http-counterpart.ts'

const path = '/thing'
const post = {method: 'POST', json: {a: 1}, isIdempotent: false} as const
const broken = {status: 503, body: {detail: 'down'}}

describe('createHttpService', () => {
  const counterparts = createHttpCounterparts()
  afterEach(() => counterparts.stopAll())

  it('sends the operation with its headers, and gives what the schema knows of the answer', async () => {
    const {call, requests} = await counterparts.start({respond: () => ({status: 201, body: {value: 7, more: true}})})
    assert.deepEqual(await call(createOperation({...post, path: '/thing?x=1'})), {value: 7})
    assert.partialDeepStrictEqual(requests, [
      {
        method: 'POST',
        body: '{"a":1}',
        headers: {
          'x-key': 'the-key',
          'user-agent': `cloudact-scheduler-jobs/${currentVersion()}`,
          'x-request-id': 'r-1',
          'content-type': 'application/json',
        },
      },
    ])
    assert.equal(requests[0]?.url.search, '?x=1')
  })

  it('makes each try a child of the delivery’s trace, and sends none where the delivery has none', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const {call, requests, faults} = await counterparts.start({traceparent, random: Math.random})
    faults.inject({path, kind: 'reset-before'})
    await call(createOperation())
    const sent = requests.map(({headers}) => String(headers['traceparent']))
    assert.equal(new Set(sent).size, 2)
    for (const header of sent) assert.match(header, /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b)[0-9a-f]{16}-01$/)
    const without = await counterparts.start()
    await without.call(createOperation())
    assert.equal(without.requests[0]?.headers['traceparent'], undefined)
  })

  it('sends no body where there is none', async () => {
    const {call, requests} = await counterparts.start()
    await call(createOperation())
    assert.deepEqual([requests[0]?.body, requests[0]?.headers['content-type']], ['', undefined])
  })

  it('reports what it repeats, and that it no longer does, however it ends', async () => {
    const reports: (string | undefined)[] = []
    const {call, faults} = await counterparts.start({onRetry: text => void reports.push(text?.split(': ')[1])})
    faults.inject({path, kind: 'reset-before'})
    await call(createOperation())
    await call(createOperation())
    assert.deepEqual(reports.splice(0), ['try 1 of 4 failed', undefined])
    faults.inject({path, kind: 'reset-before', times: 2})
    await assert.rejects(call(createOperation({retries: 1})))
    assert.deepEqual(reports, ['try 1 of 2 failed', undefined])
  })

  it('repeats what may pass, with a request id of its own, and says why and when', async () => {
    const {call, faults, requests, records} = await counterparts.start()
    faults.inject({path, kind: 'reset-before'})
    faults.inject({path, kind: 'truncate'})
    assert.deepEqual(await call(createOperation()), {value: 7})
    assert.equal(requests.length, 3)
    assert.equal(requests[2]?.headers['x-request-id'], 'r-3')
    const warnings = records.filter(({level}) => level === 'warn')
    assert.deepEqual(
      warnings.map(({message, data}) => [message, data['requestId']]),
      [
        ['reading: try 1 of 4 failed, the next in 0.0 s', 'r-1'],
        ['reading: try 2 of 4 failed, the next in 0.0 s', 'r-2'],
      ],
    )
    assert.deepEqual(
      records.filter(({level}) => level === 'debug').map(({message, data}) => [message, data['requestId']]),
      [
        ['reading: no answer', 'r-1'],
        ['reading: 200', 'r-2'],
        ['reading: 200', 'r-3'],
      ],
    )
  })

  it('gives up after its retries, with the last error', async () => {
    const {call, requests, faults} = await counterparts.start()
    faults.inject({path, kind: 'status', response: broken, times: 9})
    await assert.rejects(call(createOperation()), {name: 'UnavailableError', status: 503, mayHaveExecuted: true})
    assert.equal(requests.length, 4)
  })

  describe('how long it waits', () => {
    const limited = (headers: Record<string, string>, detail: unknown) => ({status: 429, headers, body: {detail}})

    it('is what retry_after says, not the backoff', async () => {
      const {call, faults, records} = await counterparts.start({
        backoff: {retries: 3, firstDelaySeconds: 50, maxDelaySeconds: 50},
      })
      faults.inject({path, kind: 'status', response: limited({}, {error: 'rate limit', retry_after: 0.01})})
      faults.inject({path, kind: 'status', response: limited({'retry-after': '0'}, 'slow down')})
      assert.deepEqual(await call(createOperation()), {value: 7})
      assert.equal(records.filter(({level}) => level === 'warn').length, 2)
    })

    it('never goes over the deadline: it gives up at once instead', async () => {
      for (const response of [limited({}, {retry_after: 61}), limited({'retry-after': '86000'}, 'no')]) {
        const {call, faults, requests} = await counterparts.start()
        faults.inject({path, kind: 'status', response})
        await assert.rejects(call(createOperation()), {name: 'UnavailableError', status: 429, mayHaveExecuted: false})
        assert.equal(requests.length, 1)
      }
    })

    it('is the backoff where it is told nothing, or a date', async () => {
      const {call, faults} = await counterparts.start()
      faults.inject({path, kind: 'status', response: limited({'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT'}, 'no')})
      assert.deepEqual(await call(createOperation()), {value: 7})
    })
  })

  describe('what may not be repeated', () => {
    for (const kind of ['reset-before', 'reset-after', 'truncate'] as const) {
      it(`is sent once where the connection broke: ${kind}`, async () => {
        const {call, faults, requests} = await counterparts.start()
        faults.inject({path, kind})
        await assert.rejects(call(createOperation(post)), {name: 'UnavailableError', mayHaveExecuted: true})
        assert.equal(requests.length, 1)
      })
    }

    for (const [status, times] of [
      [500, 1],
      [502, 1],
      [503, 1],
      [504, 1],
      [408, 1],
      [425, 2],
      [429, 2],
    ] as const) {
      it(`is sent ${times === 1 ? 'once' : 'again'} after HTTP ${status}`, async () => {
        const {call, faults, requests} = await counterparts.start()
        faults.inject({path, kind: 'status', response: {status, body: {detail: 'no'}}})
        const result = await call(createOperation(post)).catch(error => error)
        assert.equal(requests.length, times)
        assert.equal(result instanceof UnavailableError, times === 1)
      })
    }

    it('is sent again where nobody listened', async () => {
      const {call, records} = await counterparts.start({baseUrl: await closedUrl()})
      await assert.rejects(call(createOperation(post)), {
        name: 'UnavailableError',
        mayHaveExecuted: false,
        status: undefined,
      })
      assert.equal(records.filter(({level}) => level === 'warn').length, 3)
    })

    it('is known not to be carried out when it is stopped while it waits', async () => {
      const backoff = {retries: 3, firstDelaySeconds: 50, maxDelaySeconds: 50}
      const {call, records, stop} = await counterparts.start({baseUrl: await closedUrl(), backoff})
      const calling = assert.rejects(call(createOperation(post)), {name: 'InterruptedError', mayHaveExecuted: false})
      while (!records.some(({level}) => level === 'warn')) await new Promise(setImmediate)
      stop.abort()
      await calling
    })
  })

  describe('when its time is up', () => {
    it('is unavailable where no answer came within the operation’s own time', async () => {
      const {call, faults} = await counterparts.start({
        backoff: {retries: 0, firstDelaySeconds: 1, maxDelaySeconds: 1},
      })
      faults.inject({path, kind: 'slow', delayMilliseconds: 60_000})
      await assert.rejects(call(createOperation({timeoutSeconds: 0.05})), {
        name: 'UnavailableError',
        mayHaveExecuted: true,
        message: 'the API did not answer reading within 0 s (request r-1)',
      })
    })

    it('is unavailable as well where an answer began and never ended', async () => {
      const server = createServer(socket => {
        socket.on('error', () => undefined)
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"value"'))
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const address = server.address()
      assert.ok(address !== null && typeof address === 'object')
      try {
        const {call} = await counterparts.start({
          baseUrl: `http://127.0.0.1:${address.port}`,
          backoff: {retries: 0, firstDelaySeconds: 1, maxDelaySeconds: 1},
        })
        await assert.rejects(call(createOperation({timeoutSeconds: 0.05})), {
          name: 'UnavailableError',
          message: /did not answer/,
        })
      } finally {
        server.close()
      }
    })

    it('sends nothing after the deadline', async () => {
      const {call, requests} = await counterparts.start({deadline: new Date(Date.now() - 1)})
      await assert.rejects(call(createOperation(post)), {name: 'InterruptedError', mayHaveExecuted: false})
      assert.equal(requests.length, 0)
    })

    it('sends nothing once the job was stopped', async () => {
      const {call, requests} = await counterparts.start({signal: AbortSignal.abort()})
      await assert.rejects(call(createOperation(post)), {name: 'InterruptedError', mayHaveExecuted: false})
      assert.equal(requests.length, 0)
    })

    it('ends a request under way when the job is stopped, and can’t tell what became of it', async () => {
      const {call, faults, requests, stop} = await counterparts.start()
      faults.inject({path, kind: 'slow', delayMilliseconds: 60_000})
      const calling = assert.rejects(call(createOperation()), {
        name: 'InterruptedError',
        mayHaveExecuted: true,
        message: 'stopped during reading (request r-1)',
      })
      while (requests.length === 0) await new Promise(setImmediate)
      stop.abort()
      await calling
    })
  })

  describe('with an answer that the contract does not know', () => {
    for (const [what, text, reason] of [
      ['no JSON', '<html>busy</html>', /^reading: the answer is no JSON \(request r-1\)$/],
      ['nothing', '', /the answer is no JSON/],
      [
        'another shape',
        '{"value":"seven"}',
        /^reading: the answer is against the contract: value: .*number.* \(request r-1\)$/,
      ],
      ['another shape altogether', 'null', /the answer is against the contract/],
    ] as const) {
      it(`takes ${what} for an error, and does not repeat it`, async () => {
        const {call, faults, requests} = await counterparts.start()
        faults.inject({path, kind: 'body', text})
        await assert.rejects(call(createOperation()), {name: 'ContractError', message: reason})
        assert.equal(requests.length, 1)
      })
    }

    it('follows no redirect: the key is for nobody else', async () => {
      const {call, requests} = await counterparts.start({
        respond: () => ({status: 307, headers: {location: 'http://127.0.0.1:1/elsewhere'}, body: {detail: 'moved'}}),
      })
      await assert.rejects(call(createOperation()), {name: 'RejectedError', status: 307})
      assert.equal(requests.length, 1)
    })
  })
})

/** An address where nobody listens any more. */
async function closedUrl(): Promise<string> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  assert.ok(address !== null && typeof address === 'object')
  return `http://127.0.0.1:${address.port}`
}
