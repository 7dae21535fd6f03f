import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as z from 'zod'
import {InvalidMessageError} from '../../../lib/errors/invalid-message-error.ts'
import {parseArgs, parseData, parseDelivery} from '../../../lib/run/message.ts'
import {anyText} from '../../support/any-text.ts'
import {toEventarcRequest, toPushBody, toPushEvent} from '../../support/push-delivery.ts'

const unreadable = (message: RegExp) => ({name: 'InvalidMessageError', message})

/** Reading never ends in anything but a value or this. */
function orUnreadable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    assert.ok(error instanceof InvalidMessageError, String(error))
    return undefined
  }
}

describe('parseDelivery', () => {
  const sent = {data: '{"a":1}', attributes: {job: 'sample'}, messageId: 'm-7', publishTime: '2026-11-23T08:00:00.123Z'}
  const read = {
    messageId: 'm-7',
    publishTime: new Date('2026-11-23T08:00:00.123Z'),
    attributes: {job: 'sample'},
    data: Buffer.from('{"a":1}'),
    traceparent: undefined,
  }

  it('reads what the framework makes of a push', () => {
    assert.deepEqual(parseDelivery(toPushEvent(sent)), {...read, topic: 'manual-jobs', subscription: undefined})
  })

  it('reads the push body itself, with attributes alone', () => {
    assert.deepEqual(parseDelivery(toPushBody({...sent, data: ''})), {
      ...read,
      data: Buffer.alloc(0),
      topic: undefined,
      subscription: 'cloudact-manual-sample',
    })
  })

  it('reads an event of Eventarc, with its trace', () => {
    const {headers, body} = toEventarcRequest(sent)
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const event = {source: headers['ce-source'], time: headers['ce-time'], traceparent, data: JSON.parse(body)}
    assert.deepEqual(parseDelivery(event), {
      ...read,
      traceparent,
      topic: 'manual-jobs',
      subscription: 'cloudact-manual-sample',
    })
  })

  it('takes the names in snake case where there are no others', () => {
    const message = {data: '', message_id: 'm-7', publish_time: '2026-11-23T08:00:00.123Z', attributes: null}
    assert.partialDeepStrictEqual(parseDelivery({message}), {
      messageId: 'm-7',
      attributes: {},
      publishTime: read.publishTime,
    })
  })

  it('takes base64 in both alphabets, with and without padding', () => {
    for (const data of ['-_8=', '-_8', '+/8=', '+/8']) {
      const message = {data, messageId: 'm', publishTime: '2026-11-23T08:00:00Z'}
      assert.deepEqual(parseDelivery({message}).data, Buffer.from([0xfb, 0xff]))
    }
  })

  for (const [what, event, reason] of [
    ['no object', 'text', /^no Pub\/Sub message in the event: /],
    ['nothing', undefined, /^no Pub\/Sub message in the event: /],
    ['another event', {data: {bucket: 'b'}}, /^no Pub\/Sub message in the event: data\.message: /],
    ['an object without a message', {}, /^no Pub\/Sub message in the event$/],
    ['no id', {message: {publishTime: '2026-11-23T08:00:00Z'}}, /has no id$/],
    ['no publish time', {message: {messageId: 'm'}}, /has no publish time$/],
    ['a publish time that is none', {message: {messageId: 'm', publishTime: 'noon'}}, /has no publish time$/],
    [
      'a publish time before 1970',
      {message: {messageId: 'm', publishTime: '1969-12-31T23:59:59Z'}},
      /has no publish time$/,
    ],
    [
      'a publish time after 9999',
      {message: {messageId: 'm', publishTime: '+010000-01-01T00:00:00Z'}},
      /has no publish time$/,
    ],
    ['attributes that are no texts', {message: {messageId: 'm', attributes: {a: 1}}}, /message\.attributes\.a: /],
    [
      'data with a line break',
      {message: {messageId: 'm', publishTime: '2026-11-23T08:00:00Z', data: 'AA\n=='}},
      /is not base64$/,
    ],
    [
      'data with bits to spare',
      {message: {messageId: 'm', publishTime: '2026-11-23T08:00:00Z', data: 'QR=='}},
      /is not base64$/,
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseDelivery(event), unreadable(reason))
    })
  }

  it('gives back exactly the published bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 200}), bytes => {
        assert.deepEqual(parseDelivery(toPushBody({data: Buffer.from(bytes)})).data, Buffer.from(bytes))
      }),
    )
  })

  it('reads any JSON or says that it is unreadable, and nothing else', () => {
    const nearly = fc.record(
      {
        source: fc.oneof(fc.string(), fc.jsonValue()),
        data: fc.oneof(fc.jsonValue(), fc.record({message: fc.jsonValue(), subscription: fc.jsonValue()})),
        message: fc.record(
          {
            data: fc.oneof(fc.base64String(), fc.string()),
            messageId: fc.jsonValue(),
            publishTime: fc.oneof(fc.string(), fc.constant('2026-11-23')),
          },
          {requiredKeys: []},
        ),
      },
      {requiredKeys: []},
    )
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.jsonValue(), nearly),
        event => void orUnreadable(() => parseDelivery(event)),
      ),
    )
  })
})

describe('parseData', () => {
  it('takes no data for no arguments', () => {
    assert.deepEqual(parseData(Buffer.alloc(0)), {})
  })

  it('says how much it is and how it starts, without what would disturb a terminal', () => {
    const data = Buffer.from(`\u001b[2J${'x'.repeat(5000)}`)
    assert.throws(
      () => parseData(data),
      unreadable(/^the data \(5004 bytes\) is not JSON: it starts with x{60}… \(cut\)$/),
    )
  })

  it('reads any bytes as an object or says that they are unreadable', () => {
    const bytes = fc.oneof(
      fc.uint8Array().map(Buffer.from),
      fc.json().map(text => Buffer.from(text)),
      anyText.map(text => Buffer.from(text)),
    )
    fc.assert(
      fc.property(bytes, data => {
        const args = orUnreadable(() => parseData(data))
        if (args !== undefined && data.length > 0)
          assert.deepEqual(Object.entries(args), Object.entries(JSON.parse(data.toString())))
      }),
    )
  })
})

describe('parseArgs', () => {
  const schema = z.strictObject({org: z.string().min(3), dryRun: z.boolean().default(false)})

  it('fills in what the schema says', () => {
    assert.deepEqual(parseArgs(schema, {org: 'acme'}), {org: 'acme', dryRun: false})
  })

  it('names everything that is wrong, once', () => {
    assert.throws(
      () => parseArgs(schema, {org: 'a', dryRun: 'yes', x: 1}),
      (error: Error) => {
        assert.match(error.message, /^the arguments are wrong: org: .*; dryRun: .*; Unrecognized key: "x"$/)
        assert.equal(error.cause, undefined)
        return true
      },
    )
  })
})
