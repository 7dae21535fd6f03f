import assert from 'node:assert/strict'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {ContractError} from '../../../lib/errors/contract-error.ts'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {continued, degraded, failed, skipped, succeeded} from '../../../lib/job/outcome.ts'
import {createDeliveryHarness, secretKey} from '../../support/delivery-harness.ts'
import {toEventarcRequest, toPushBody} from '../../support/push-delivery.ts'
import {bootstrapStatus} from '../../support/sync-part.ts'
import {until} from '../../support/test-sandbox.ts'

const notAcknowledged = {name: 'NotAcknowledgedError'}

describe('createDeliver', () => {
  describe('with a message that can be read', () => {
    it('executes the run and writes down that it started and how it ended', async () => {
      const {deliver, ledger, published} = createDeliveryHarness()
      await deliver({data: '{"org":"acme"}', attributes: {requestedBy: 'alice@desk'}})
      assert.deepEqual(published, [])
      const [started, ended] = ledger.entries
      assert.partialDeepStrictEqual(started, {event: 'started', attempt: 1, part: 1, args: {org: 'acme'}})
      assert.partialDeepStrictEqual(ended, {
        event: 'succeeded',
        attempt: 1,
        summary: 'nothing done',
        counts: {done: 1},
        trigger: 'manual',
        requestedBy: 'alice@desk',
        messageId: 'm-1',
      })
      assert.equal(started?.runId, ended?.runId)
      assert.match(started?.runId ?? '', /^sample@[0-9A-Z]{26}$/)
      assert.equal((started?.leaseUntil?.getTime() ?? 0) - (started?.at.getTime() ?? 0), 120_000)
    })

    it('gives the run its arguments, its id and a signal that has not fired', async () => {
      const contexts: object[] = []
      const run = async ({args, runId, part, slot, signal}: Parameters<Run>[0]) => {
        contexts.push({args, runId, part, slot, aborted: signal.aborted})
        return succeeded('done')
      }
      const {deliver} = createDeliveryHarness({run})
      await deliver({data: '{"org":"acme"}', attributes: {runId: 'sample@7', part: '3'}})
      assert.deepEqual(contexts, [{args: {org: 'acme'}, runId: 'sample@7', part: 3, slot: undefined, aborted: false}])
    })

    for (const [what, outcome] of Object.entries({skipped: skipped('none'), degraded: degraded('half', {failed: 2})})) {
      it(`acknowledges a run that ${what}`, async () => {
        const {deliver, history, published} = createDeliveryHarness({run: async () => outcome})
        await deliver()
        assert.deepEqual([history(), published], [['started 1', `${what} 1`], []])
      })
    }

    it('prints one closing line with outcome, duration and counts', async () => {
      const {deliver, records} = createDeliveryHarness()
      await deliver()
      const closing = records.filter(({data}) => data['outcome'] !== undefined)
      assert.equal(closing.length, 1)
      assert.match(closing[0]?.message ?? '', /^sample succeeded in \d+\.\d s: nothing done$/)
      assert.partialDeepStrictEqual(closing[0], {
        level: 'info',
        data: {outcome: 'succeeded', counts: {done: 1}, delivery: 1},
        labels: {job: 'sample', attempt: '1'},
      })
    })

    it('reads a push body as the framework leaves it, and an event of Eventarc', async () => {
      const {deliver, ledger} = createDeliveryHarness()
      const attributes = {job: 'sample'}
      await deliver({event: toPushBody({data: '', attributes, messageId: 'm-7'})})
      const {headers, body} = toEventarcRequest({attributes, messageId: 'm-8'})
      await deliver({event: {source: headers['ce-source'], time: headers['ce-time'], data: JSON.parse(body)}})
      const ended = ledger.entries.filter(({event}) => event === 'succeeded')
      assert.deepEqual(
        ended.map(({messageId}) => messageId),
        ['m-7', 'm-8'],
      )
    })
  })

  describe('with an error of the run', () => {
    it('does not acknowledge one that may pass, and tells the ledger why, without ending the run', async () => {
      const run = async () => {
        throw new UnavailableError('the API is down', {mayHaveExecuted: true})
      }
      const {deliver, ledger, published} = createDeliveryHarness({run})
      await assert.rejects(deliver(), {...notAcknowledged, message: 'the API is down'})
      assert.deepEqual(published, [])
      assert.deepEqual(ledger.entries.at(-1)?.error, {
        name: 'UnavailableError',
        message: 'the API is down',
        details: [],
        disposition: 'transient',
      })
    })

    it('does not acknowledge a bug, and prints it with its stack', async () => {
      const bug = new TypeError('x is not a function')
      const run = async () => {
        throw bug
      }
      const {deliver, records} = createDeliveryHarness({run})
      await assert.rejects(deliver(), notAcknowledged)
      assert.equal(records.find(({level}) => level === 'error')?.error, bug)
    })

    for (const thrown of [undefined, null, 'text', Symbol('odd'), Object.create(null)]) {
      it(`does not acknowledge ${String(thrown === null ? null : typeof thrown)}, thrown instead of an error`, async () => {
        const run = async () => {
          throw thrown
        }
        const {deliver, history} = createDeliveryHarness({run})
        await assert.rejects(deliver(), notAcknowledged)
        assert.deepEqual(history(), ['started 1', 'failed 1'])
      })
    }

    it('sets a refusal aside at once, with the reason', async () => {
      const run = async () => {
        throw new RejectedError('the API said no (HTTP 422: org)', {status: 422, detail: 'org'})
      }
      const {deliver, ledger, notes} = createDeliveryHarness({run})
      await deliver({data: '{"org":"acme"}', attributes: {runId: 'sample@7', requestedBy: 'alice'}})
      assert.partialDeepStrictEqual(notes(), [
        {
          job: 'sample',
          runId: 'sample@7',
          sourceTopic: 'manual-jobs',
          kind: 'permanent',
          reason: 'the API said no (HTTP 422: org)',
          error: 'RejectedError',
          attempts: 1,
          replays: 0,
          messageId: 'm-1',
        },
      ])
      assert.partialDeepStrictEqual(ledger.entries.at(-1), {
        event: 'failed',
        error: {kind: 'permanent', deadLetterId: 'message-1', message: 'the API said no (HTTP 422: org)'},
      })
    })

    it('keeps data and attributes of what it sets aside', async () => {
      const run = async () => failed('no')
      const {deliver, published} = createDeliveryHarness({run})
      const attributes = {job: 'sample', trigger: 'manual', requestedBy: 'älice', other: 'x'}
      await deliver({data: '{ "org":\t"acme" }', attributes})
      assert.equal(published[0]?.topic, 'dead-letters')
      assert.equal(published[0]?.data.toString(), '{ "org":\t"acme" }')
      assert.partialDeepStrictEqual(published[0]?.attributes, attributes)
    })

    it('sets an outcome of failed aside as permanent, with summary and errors', async () => {
      const {deliver, ledger, notes} = createDeliveryHarness({
        run: async () => failed('two broke', {}, {errors: ['a', 'b']}),
      })
      await deliver()
      assert.partialDeepStrictEqual(notes(), [{kind: 'permanent', reason: 'two broke', error: 'JobFailed'}])
      assert.partialDeepStrictEqual(ledger.entries.at(-1), {
        event: 'failed',
        summary: 'two broke',
        error: {details: ['a', 'b'], kind: 'permanent'},
      })
    })

    it('keeps 200 lines of errors and counts the rest', async () => {
      const errors = Array.from({length: 250}, (_, index) => `error ${index}`)
      const {deliver, ledger} = createDeliveryHarness({run: async () => degraded('many broke', {}, {errors})})
      await deliver()
      const details = ledger.entries.at(-1)?.error?.details ?? []
      assert.deepEqual([details.length, details[199], details[200]], [201, 'error 199', 'and 50 more'])
    })

    it('sets aside as exhausted what failed in the last attempt, counting this message’s own', async () => {
      const run = async () => {
        throw new UnavailableError('the API is down', {mayHaveExecuted: true})
      }
      const {deliver, notes, history} = createDeliveryHarness({run})
      for (let attempt = 1; attempt <= 4; attempt += 1) await assert.rejects(deliver(), notAcknowledged)
      await deliver()
      assert.partialDeepStrictEqual(notes(), [{kind: 'exhausted', attempts: 5, reason: 'the API is down'}])
      assert.deepEqual(history().slice(-2), ['started 5', 'failed 5'])
    })
  })

  describe('with a run that isn’t idempotent', () => {
    const unsafe = (error: Error) =>
      createDeliveryHarness({
        idempotent: false,
        run: async () => {
          throw error
        },
      })

    for (const error of [
      new UnavailableError('no answer', {mayHaveExecuted: true}),
      new ContractError('odd answer'),
      new TypeError('a bug'),
    ]) {
      it(`sets ${error.name} aside with an unknown outcome, and says what to look at`, async () => {
        const {deliver, notes, ledger} = unsafe(error)
        await deliver()
        assert.partialDeepStrictEqual(notes(), [{kind: 'unknown outcome', attempt: 1}])
        assert.ok(
          notes()[0]?.reason.startsWith(
            `Outcome unknown: ${error.message}. Check what the sample did. To run it again: `,
          ),
        )
        assert.partialDeepStrictEqual(ledger.entries.at(-1)?.error, {disposition: 'ambiguous', kind: 'unknown outcome'})
      })
    }

    it('delivers again what proves that nothing was executed', async () => {
      const {deliver, notes} = unsafe(new UnavailableError('refused connection', {mayHaveExecuted: false}))
      await assert.rejects(deliver(), notAcknowledged)
      assert.deepEqual(notes(), [])
    })
  })

  it('writes no secret, whole or cut, wherever it came from', async () => {
    const where = ['{"org":"acme"}', `${'x'.repeat(1485)}${secretKey}`, encodeURIComponent(secretKey), secretKey]
    for (const text of where) {
      const outcomes = [failed(text, {}, {errors: [text]}), degraded(text, {}, {errors: [text], warnings: [text]})]
      for (const outcome of outcomes) {
        const {deliver, written} = createDeliveryHarness({run: async () => outcome})
        await deliver({data: JSON.stringify({org: secretKey}), attributes: {requestedBy: secretKey}})
        assertNoSecret(written(), outcome.event)
      }
      const run = async () => {
        throw new RejectedError(text, {status: 403, detail: text}, {cause: new Error(text)})
      }
      const {deliver, written} = createDeliveryHarness({run})
      await deliver({data: JSON.stringify({org: secretKey})})
      assertNoSecret(written(), 'thrown')
      const next = createDeliveryHarness({run: async () => continued('more', {org: text})})
      await next.deliver()
      assertNoSecret(JSON.stringify(next.ledger.entries), 'continued')
    }
  })

  it('writes no secret that the API tells in a failure which is repeated', async () => {
    let requests = 0
    let isWritten = () => false
    const api = createServer(async (request, response) => {
      request.resume()
      requests += 1
      const isFirst = requests === 1
      // The heartbeat says meanwhile what is repeated.
      if (!isFirst) await until('the failure is in the ledger', async () => isWritten() || undefined)
      const body = JSON.stringify(isFirst ? {detail: `refused ${secretKey}`} : bootstrapStatus())
      response.writeHead(isFirst ? 503 : 200, {'content-type': 'application/json'}).end(body)
    })
    await new Promise<void>(resolve => api.listen(0, '127.0.0.1', resolve))
    try {
      const {port} = api.address() as AddressInfo
      const {deliver, ledger, history} = createDeliveryHarness({
        environment: {apiServiceUrl: `http://127.0.0.1:${port}`, leaseSeconds: 3},
        run: async ({api}) => succeeded((await api.bootstrapStatus()).status),
      })
      const repeated = () => ledger.entries.find(({event, summary}) => event === 'progress' && summary !== undefined)
      isWritten = () => repeated() !== undefined
      await deliver()
      assert.equal(history().at(-1), 'succeeded 1')
      assert.match(repeated()?.summary ?? '', /try 1 of \d+ failed: .*\[secret CA_ROOT_API_KEY\]/)
      assertNoSecret(JSON.stringify(ledger.entries), 'repeated')
    } finally {
      api.closeAllConnections()
      await new Promise(resolve => api.close(resolve))
    }
  })
})

type Run = NonNullable<NonNullable<Parameters<typeof createDeliveryHarness>[0]>['run']>

/** Its first half is as much a secret as all of it. The attribute that a person typed stays as it came. */
function assertNoSecret(written: string, when: string): void {
  const text = written.replaceAll(`"requestedBy":${JSON.stringify(secretKey)}`, '')
  for (const form of [secretKey, encodeURIComponent(secretKey), Buffer.from(secretKey).toString('base64')]) {
    const half = JSON.stringify(form.slice(0, form.length / 2)).slice(1, -1)
    assert.equal(text.includes(half), false, `${when}: ${half} in ${text.slice(0, 2000)}`)
  }
}
