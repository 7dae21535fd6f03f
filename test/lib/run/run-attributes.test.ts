import assert from 'node:assert/strict'
import {attributesSchema, toLastingAttributes} from '../../../lib/run/run-attributes.ts'

describe('attributesSchema', () => {
  const isRead = (attributes: Record<string, string>) => attributesSchema.safeParse(attributes).success

  for (const name of ['checkedAttempt', 'endedAttempt', 'replays'] as const) {
    it(`takes a number of one to six digits for ${name}, and nothing else`, () => {
      for (const value of ['0', '7', '12', '999999']) assert.ok(isRead({[name]: value}), value)
      for (const value of ['', 'x', 'xy', '-1', 'a1', '1a', '1.5', '1000000'])
        assert.ok(!isRead({[name]: value}), value)
    })
  }

  it('takes a part from 1 on', () => {
    for (const part of ['1', '12', '9999999']) assert.ok(isRead({part}), part)
    for (const part of ['', '0', '01', 'a1', '1a', 'x', '10000000']) assert.ok(!isRead({part}), part)
  })

  it('takes names and ids of a length that a row can hold', () => {
    assert.ok(isRead({requestedBy: '', requestId: 'r'}))
    assert.ok(isRead({requestedBy: 'x'.repeat(200), requestId: 'x'.repeat(200)}))
    assert.ok(!isRead({requestedBy: 'x'.repeat(201)}))
    assert.ok(!isRead({requestId: ''}))
    assert.ok(!isRead({requestId: 'x'.repeat(201)}))
  })

  it('fills in what a message doesn’t say', () => {
    assert.deepEqual(attributesSchema.parse({other: 'x'}), {
      requestedBy: 'unknown',
      part: '1',
      replays: '0',
      force: 'false',
      checkedAttempt: '0',
      endedAttempt: '0',
    })
  })
})

describe('toLastingAttributes', () => {
  it('leaves out what belonged to one publication, and every note of a dead letter', () => {
    const lasting = {job: 'sample', runId: 'sample@1', part: '2', other: 'x', 'my-deadLetter-x': 'y'}
    const passing = {
      requestId: 'r-1',
      checkedAttempt: '1',
      endedAttempt: '1',
      force: 'true',
      'deadLetter-reason': 'no',
      CloudPubSubDeadLetterSourceDeliveryCount: '10',
    }
    assert.deepEqual(toLastingAttributes({...lasting, ...passing}), lasting)
  })
})
