import assert from 'node:assert/strict'
import fc from 'fast-check'
import {createProtoJsonReader} from '../../../../../deploy/local/pubsub/wire/proto-json-reader.ts'
import {createProtoJsonWriter} from '../../../../../deploy/local/pubsub/wire/proto-json-writer.ts'
import {loadProtoSchema} from '../../../../../deploy/local/pubsub/wire/proto-schema.ts'

const schema = loadProtoSchema()
const read = createProtoJsonReader(schema)
const write = createProtoJsonWriter(schema)

describe('proto3 JSON', () => {
  it('is read back as it was written', () => {
    const message = fc.record(
      {
        data: fc.uint8Array({minLength: 1}).map(bytes => Buffer.from(bytes).toString('base64')),
        attributes: fc
          .dictionary(fc.string(), fc.string(), {minKeys: 1, noNullPrototype: true})
          .filter(map => !Object.hasOwn(map, '__proto__')),
        messageId: fc.string({minLength: 1}),
        publishTime: fc
          .date({min: new Date(0), max: new Date('2200'), noInvalidDate: true})
          .map(date => date.toISOString()),
        orderingKey: fc.string({minLength: 1}),
      },
      {requiredKeys: [], noNullPrototype: true},
    )
    fc.assert(
      fc.property(message, json => {
        const type = 'google.pubsub.v1.PubsubMessage'
        assert.deepEqual(write(type, read(type, json)), json)
      }),
    )
  })

  it('gives messages in the form of the protobuf loader', () => {
    const json = {
      topic: 'projects/p/topics/t',
      pushConfig: {pushEndpoint: 'http://127.0.0.1/', oidcToken: {audience: 'a'}},
      retryPolicy: {minimumBackoff: '1.5s'},
      deadLetterPolicy: {maxDeliveryAttempts: '7'},
      enableMessageOrdering: true,
      labels: {snake_case: 'kept'},
    }
    assert.deepEqual(read('google.pubsub.v1.Subscription', json), {
      ...json,
      retryPolicy: {minimumBackoff: {seconds: 1, nanos: 500_000_000}},
      deadLetterPolicy: {maxDeliveryAttempts: 7},
    })
  })

  it('takes names in snake case, both alphabets of base64, and null for nothing', () => {
    const message = read('google.pubsub.v1.PubsubMessage', {data: '-_-_', ordering_key: 'k', attributes: null})
    assert.deepEqual(message, {data: Buffer.from('+/+/', 'base64'), orderingKey: 'k'})
  })

  it('reads a field mask in either form', () => {
    for (const updateMask of ['pushConfig,labels', 'push_config,labels']) {
      const {updateMask: mask} = read('google.pubsub.v1.UpdateSubscriptionRequest', {updateMask})
      assert.deepEqual(mask, {paths: ['push_config', 'labels']})
    }
  })

  it('writes long integers as text and leaves out what is at its default', () => {
    const request = {subscription: '', maxOutstandingMessages: 5, ackIds: [], streamAckDeadlineSeconds: 0}
    assert.deepEqual(write('google.pubsub.v1.StreamingPullRequest', request), {maxOutstandingMessages: '5'})
    assert.deepEqual(write('google.pubsub.v1.Subscription', {pushConfig: {}}), {pushConfig: {}})
  })

  for (const [type, json, problem] of [
    ['Topic', {colour: 'red'}, 'Invalid JSON payload received. Unknown name "colour": Cannot find field.'],
    ['Topic', {constructor: 'x'}, 'Invalid JSON payload received. Unknown name "constructor": Cannot find field.'],
    ['PublishRequest', {messages: [{x: 1}]}, /Unknown name "x" at 'messages\[0\]'/],
    [
      'PublishRequest',
      {messages: [{data: '!'}]},
      /'messages\[0\].data' \(TYPE_BYTES\), Base64 decoding failed for "!"/,
    ],
    ['PublishRequest', {messages: {}}, /Invalid value at 'messages'/],
    ['PublishRequest', {messages: [7]}, /Invalid value at 'messages\[0\]'/],
    ['Topic', {labels: []}, /Invalid value at 'labels'/],
    ['Topic', {labels: {a: 1}}, /Invalid value at 'labels.a' \(TYPE_STRING\), 1/],
    ['Topic', {messageRetentionDuration: '10'}, /type.googleapis.com\/google.protobuf.Duration\), "10"/],
    ['Subscription', {ackDeadlineSeconds: 1.5}, /TYPE_INT32\), 1.5/],
    ['Subscription', {enableMessageOrdering: 'yes'}, /TYPE_BOOL\), "yes"/],
    ['Subscription', [], /Invalid value at ''/],
  ] as const) {
    it(`refuses ${JSON.stringify(json)} as ${type}`, () => {
      assert.throws(() => read(`google.pubsub.v1.${type}`, json), {status: 'INVALID_ARGUMENT', message: problem})
    })
  }
})
