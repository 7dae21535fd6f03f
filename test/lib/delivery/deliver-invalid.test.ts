import assert from 'node:assert/strict'
import {gunzipSync} from 'node:zlib'
import fc from 'fast-check'
import sinon from 'sinon'
import {succeeded} from '../../../lib/job/outcome.ts'
import {toDeadLetter} from '../../../lib/run/dead-letter.ts'
import {anyText} from '../../support/any-text.ts'
import {createDeliveryHarness, secretKey} from '../../support/delivery-harness.ts'
import {type PushedMessage, toPushBody, toPushEvent} from '../../support/push-delivery.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const attributes = {job: 'sample', requestedBy: 'alice'}

const noteOf = (replays: number) =>
  toDeadLetter(
    {data: Buffer.from('{}'), attributes: {}},
    {
      job: 'sample',
      runId: 'sample@1',
      sourceTopic: 'manual-jobs',
      kind: 'unreadable',
      reason: 'x',
      error: 'InvalidMessageError',
      attempts: 0,
      attempt: 0,
      firstAt: new Date(0),
      lastAt: new Date(0),
      replays,
      messageId: 'm-0',
      requestId: undefined,
    },
  ).attributes

type Case = {readonly what: string; readonly message: PushedMessage; readonly reason: RegExp}

const unreadable: Case[] = [
  {
    what: 'binary data',
    message: {data: Buffer.from([0xff, 0xfe, 0x00, 0x80])},
    reason: /^the data \(4 bytes\) is not UTF-8/,
  },
  {
    what: 'data that is not JSON',
    message: {data: 'org=acme'},
    reason: /^the data .* is not JSON: it starts with org=acme/,
  },
  {what: 'JSON that is a list', message: {data: '[1]'}, reason: /^the data is JSON, but not an object of arguments$/},
  {what: 'JSON that is null', message: {data: 'null'}, reason: /^the data is JSON, but not an object/},
  {
    what: 'an unknown argument',
    message: {data: '{"orgs":"acme"}'},
    reason: /^the arguments are wrong: Unrecognized key: "orgs"$/,
  },
  {what: 'a wrong argument', message: {data: '{"org":7}'}, reason: /^the arguments are wrong: org: .*expected string/},
  {
    what: 'the prototype as an argument',
    message: {data: '{"__proto__":{"org":"x"}}'},
    reason: /Unrecognized key: "__proto__"/,
  },
  {
    what: 'a run id of another job',
    message: {attributes: {runId: 'bootstrap@1'}},
    reason: /^attribute runId is no run id of this job/,
  },
  {what: 'a part that is no number', message: {attributes: {part: '0'}}, reason: /^the attributes are wrong: part: /},
  {
    what: 'an unknown trigger',
    message: {attributes: {trigger: 'magic'}},
    reason: /^the attributes are wrong: trigger: /,
  },
  {what: 'escape sequences', message: {data: '\u001b[2Jred\u202e'}, reason: /it starts with red/},
]

function createCounted() {
  const run = sinon.fake(async () => succeeded('done'))
  return {run, ...createDeliveryHarness({run})}
}

describe('createDeliver', () => {
  describe('with a message that no retry makes readable', () => {
    for (const {what, message, reason} of unreadable) {
      it(`sets ${what} aside at once, unchanged, with the reason, and runs nothing`, async () => {
        const {run, deliver, published, notes, ledger} = createCounted()
        await deliver({...message, attributes: {...attributes, ...message.attributes}})
        assert.equal(run.callCount, 0)
        assert.deepEqual(published[0]?.data, Buffer.from(message.data ?? '{}'))
        assert.partialDeepStrictEqual(published[0]?.attributes, attributes)
        const [note] = notes()
        assert.match(note?.reason ?? '', reason)
        assert.partialDeepStrictEqual(note, {kind: 'unreadable', attempts: 0, job: 'sample', messageId: 'm-1'})
        assert.partialDeepStrictEqual(ledger.entries, [
          {event: 'failed', attempt: 0, requestedBy: 'alice', error: {kind: 'unreadable', deadLetterId: 'message-1'}},
        ])
        assert.match(ledger.entries[0]?.error?.message ?? '', reason)
      })
    }

    it('keeps the run id that the message came with, so that who published it sees how it ended', async () => {
      const {deliver, ledger} = createCounted()
      await deliver({data: 'garbage', attributes: {...attributes, runId: 'sample@7'}})
      assert.equal(ledger.entries[0]?.runId, 'sample@7')
    })

    it('keeps who published it, counts its replays, and says what it is in its line', async () => {
      const {deliver, ledger, notes, lines} = createDeliveryHarness()
      await deliver({data: 'no JSON', attributes: {...attributes, requestId: 'r-1'}, messageId: 'm-1'})
      assert.equal(ledger.entries[0]?.requestId, 'r-1')
      assert.partialDeepStrictEqual(notes(), [{requestId: 'r-1', replays: 0}])
      assert.ok(lines.some(line => line.startsWith('error: unreadable message m-1: the data ')))
      assert.ok(lines.some(line => /^info: dead-lettered as message-1$/.test(line)))
      await deliver({data: 'no JSON', attributes: {...attributes, ...noteOf(2)}})
      assert.equal(notes()[1]?.replays, 3)
    })

    it('gives each delivery of the same message the same run id', async () => {
      const {deliver, ledger} = createCounted()
      for (const messageId of ['m-1', 'm-1', 'm-2']) await deliver({data: 'garbage', messageId})
      const [first, second, third] = ledger.entries.map(({runId}) => runId)
      assert.equal(first, second)
      assert.notEqual(first, third)
    })

    it('compresses 10 MB of garbage, so that it fits with its note', async () => {
      const {deliver, published} = createCounted()
      const data = Buffer.alloc(10_000_000 - 100, 'garbage ')
      await deliver({data})
      const [deadLetter] = published
      assert.equal(deadLetter?.attributes['deadLetter-encoding'], 'gzip')
      assert.ok(gunzipSync(deadLetter?.data ?? '').equals(data))
    })

    it('tells no secret that somebody typed, whole or cut', async () => {
      for (const data of [secretKey, `${'x'.repeat(40)}${secretKey}`, JSON.stringify({[secretKey]: 1})]) {
        const {deliver, written} = createCounted()
        await deliver({data, attributes: {...attributes, trigger: secretKey}})
        await deliver({data})
        const told = written().replaceAll(`"trigger":${JSON.stringify(secretKey)}`, '')
        assert.ok(!told.includes(JSON.stringify(secretKey.slice(0, 12)).slice(1, -1)), told)
      }
    })

    it('keeps an event that holds no message as it came', async () => {
      for (const event of [undefined, null, 7, 'text', {}, {data: {}}, {data: {message: {data: '!'}}}]) {
        const {deliver, published, notes} = createCounted()
        await deliver({event})
        assert.equal(published[0]?.data.toString(), JSON.stringify(event) ?? '')
        assert.partialDeepStrictEqual(notes(), [{kind: 'unreadable'}])
      }
    })

    it('sets aside what is not base64', async () => {
      const {deliver, notes} = createCounted()
      const body = toPushBody({attributes: {job: 'sample'}})
      await deliver({event: {...body, message: {...body.message, data: 'not base64!'}}})
      assert.match(notes()[0]?.reason ?? '', /^the message's data \(11 characters\) is not base64$/)
    })

    it('acknowledges anything, and loses nothing, whatever is delivered', async () => {
      const anyMessage = fc.record({
        data: fc.oneof(
          fc.uint8Array().map(bytes => Buffer.from(bytes)),
          fc.json(),
          anyText,
        ),
        attributes: fc.dictionary(fc.constantFrom('runId', 'part', 'trigger', 'replays', 'force', 'x'), fc.string()),
      })
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            anyMessage,
            fc.anything().map(event => ({event})),
          ),
          async message => {
            const {deliver, ledger, published} = createCounted()
            await deliver(message)
            const hasEnded = ledger.entries.some(({event}) => event === 'succeeded')
            assert.equal(hasEnded || published.length === 1, true)
          },
        ),
        {numRuns: 100},
      )
    })
  })

  describe('with a message for another job', () => {
    it('acknowledges it on the topic that all release jobs share, and runs nothing', async () => {
      for (const job of ['bootstrap', 'sample-2', undefined]) {
        const {run, deliver, ledger, published} = createCounted()
        await deliver({event: toPushEvent({attributes: job === undefined ? {} : {job}})})
        assert.deepEqual([run.callCount, ledger.entries, published], [0, [], []])
      }
    })

    it('sets it aside on a topic of its own', async () => {
      const {deliver, notes} = createDeliveryHarness({
        job: () => createSampleJob({path: 'functions/daily/sample.ts', schedule: '0 8 * * *'}),
      })
      await deliver({attributes: {job: 'bootstrap'}})
      assert.match(notes()[0]?.reason ?? '', /^attribute job is not "daily-sample"/)
    })
  })

  it('takes a second message in the same slot for the same run', async () => {
    const run = sinon.fake(async () => succeeded('done'))
    const {deliver, ledger} = createDeliveryHarness({
      run,
      job: given => createSampleJob({...given, path: 'functions/daily/sample.ts', schedule: '0 8 * * *'}),
    })
    await deliver({event: toPushEvent({topic: 'cloudact-daily-sample', messageId: 'm-1', data: ''})})
    await deliver({
      event: toPushEvent({topic: 'cloudact-daily-sample', messageId: 'm-2', publishTime: '2026-11-23T08:04:00Z'}),
    })
    assert.equal(run.callCount, 1)
    assert.deepEqual(
      ledger.entries.map(({event, runId, trigger}) => [event, runId, trigger]),
      ['started', 'succeeded', 'duplicate'].map(event => [event, 'daily-sample@2026-11-23T08:00Z', 'schedule']),
    )
  })
})
