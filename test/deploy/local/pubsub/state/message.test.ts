import assert from 'node:assert/strict'
import {parsePublishRequest} from '../../../../../deploy/local/pubsub/state/message.ts'

const topic = 'projects/project-one/topics/orders'

describe('parsePublishRequest', () => {
  it('takes everything up to the limits', () => {
    const attributes = Object.fromEntries(
      Array.from({length: 100}, (_, index) => [`${index}`.padStart(256, 'k'), 'ä'.repeat(512)]),
    )
    const messages = [
      {attributes, orderingKey: 'o'.repeat(1024)},
      ...Array.from({length: 999}, () => ({data: Buffer.alloc(9000)})),
    ]
    assert.equal(parsePublishRequest({topic, messages}).messages.length, 1000)
  })

  it('takes 10 MB, and not one byte more, attributes counted', () => {
    const sized = (bytes: number) => ({topic, messages: [{data: Buffer.alloc(bytes), attributes: {key: 'value'}}]})
    assert.equal(parsePublishRequest(sized(9_999_992)).messages.length, 1)
    assert.throws(() => parsePublishRequest(sized(9_999_993)), {
      status: 'INVALID_ARGUMENT',
      message: /request_size is too large. You passed 10000001 in the request, but the maximum value is 10000000\./,
    })
  })

  it('counts bytes, not characters', () => {
    const attributes = {key: 'ä'.repeat(513)}
    assert.throws(() => parsePublishRequest({topic, messages: [{attributes}]}), /You passed 1026 in the request/)
  })
})
