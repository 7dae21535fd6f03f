import assert from 'node:assert/strict'
import {randomBytes} from 'node:crypto'
import {gunzipSync, gzipSync} from 'node:zlib'
import fc from 'fast-check'
import {deadLetterKinds} from '../../../lib/ledger/ledger-entry.ts'
import {type DeadLetterNote, parseDeadLetterNote, toDeadLetter, toOriginal} from '../../../lib/run/dead-letter.ts'

const note: DeadLetterNote = {
  job: 'bootstrap',
  runId: 'bootstrap@1',
  sourceTopic: 'manual-jobs',
  kind: 'permanent',
  reason: 'the API said no',
  error: 'RejectedError',
  attempts: 2,
  firstAt: new Date('2026-11-23T08:00:00.123Z'),
  lastAt: new Date('2026-11-23T08:01:00Z'),
  replays: 1,
  messageId: 'm-1',
  requestId: 'r-1',
  attempt: 2,
}
const original = {data: Buffer.from('{"a":1}'), attributes: {job: 'bootstrap', runId: 'bootstrap@1'}}

/** What Pub/Sub counts. Source: Pub/Sub quotas, "Resource limits". */
const sizeOf = ({data, attributes}: ReturnType<typeof toDeadLetter>) =>
  data.length + Object.entries(attributes).reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0)

describe('toDeadLetter', () => {
  it('keeps data and attributes as they were, and puts the note beside them', () => {
    const deadLetter = toDeadLetter(original, note)
    assert.equal(deadLetter.data, original.data)
    assert.partialDeepStrictEqual(deadLetter.attributes, original.attributes)
    assert.deepEqual(parseDeadLetterNote(deadLetter.attributes), note)
    assert.deepEqual(original.attributes, {job: 'bootstrap', runId: 'bootstrap@1'})
  })

  it('replaces the note of an earlier time', () => {
    const first = toDeadLetter(original, note)
    const second = toDeadLetter(first, {...note, reason: 'again', replays: 2})
    assert.deepEqual(parseDeadLetterNote(second.attributes), {...note, reason: 'again', replays: 2})
    assert.equal(Object.keys(second.attributes).length, Object.keys(first.attributes).length)
  })

  it('cuts values to what an attribute may hold, between characters', () => {
    for (const reason of ['x'.repeat(5000), 'ü'.repeat(600), '🚀'.repeat(500), `a${'東'.repeat(400)}`]) {
      const value = toDeadLetter(original, {...note, reason}).attributes['deadLetter-reason'] ?? ''
      assert.ok(Buffer.byteLength(value) <= 1024)
      assert.ok(value.endsWith('…') || value.endsWith('… (cut)'))
      assert.doesNotMatch(value.slice(0, -1), /\ufffd/)
    }
  })

  it('keeps a value of just the length whole, and what is odd within one that is cut', () => {
    const whole = `${'x'.repeat(1000)}`
    assert.equal(toDeadLetter(original, {...note, error: whole}).attributes['deadLetter-error'], whole)
    const odd = `a\ufffdb${'東'.repeat(400)}`
    const value = toDeadLetter(original, {...note, reason: odd}).attributes['deadLetter-reason'] ?? ''
    assert.match(value, /^a\ufffdb東+…$/)
    assert.ok(Buffer.byteLength(value) > 1015)
  })

  it('compresses data that does not fit with its note, and says so', () => {
    const data = Buffer.alloc(9_999_500, 'text ')
    const deadLetter = toDeadLetter({...original, data}, note)
    assert.equal(deadLetter.attributes['deadLetter-encoding'], 'gzip')
    assert.ok(gunzipSync(deadLetter.data).equals(data))
    assert.ok(sizeOf(deadLetter) < 10_000_000)
  })

  it('counts bytes, not characters', () => {
    const attributes = Object.fromEntries(Array.from({length: 60}, (_, index) => [`a${index}`, '東'.repeat(340)]))
    const data = Buffer.alloc(10_000_000 - 61_500, 'a')
    assert.ok(sizeOf(toDeadLetter({data, attributes}, note)) < 10_000_000)
  })

  it('leaves 9 MB of data that no compression makes smaller alone', () => {
    const data = randomBytes(9_000_000)
    assert.equal(toDeadLetter({...original, data}, note).data, data)
  })

  it('has no more attributes than a message may have, and leaves out none that a job reads', () => {
    const others = Object.fromEntries(Array.from({length: 98}, (_, index) => [`other-${index}`, 'x']))
    const read = {trigger: 'replay', requestedBy: 'alice'}
    const deadLetter = toDeadLetter({data: Buffer.from('{}'), attributes: {...others, ...read}}, note)
    assert.equal(Object.keys(deadLetter.attributes).length, 99)
    assert.partialDeepStrictEqual(deadLetter.attributes, read)
    assert.deepEqual(parseDeadLetterNote(deadLetter.attributes), note)
  })
})

describe('toOriginal', () => {
  it('gives back what was published, compressed or not', () => {
    assert.deepEqual(toOriginal(toDeadLetter(original, note)), original)
    const large = {...original, data: Buffer.alloc(9_999_500, 'a')}
    const deadLetter = toDeadLetter(large, note)
    assert.equal(deadLetter.attributes['deadLetter-encoding'], 'gzip')
    assert.ok(toOriginal(deadLetter).data.equals(large.data))
  })

  it('leaves data alone that only looks compressed, or only says so', () => {
    const data = gzipSync('{}')
    assert.equal(toOriginal({data, attributes: {}}).data, data)
    const text = Buffer.from('{}')
    assert.equal(toOriginal({data: text, attributes: {'deadLetter-encoding': 'gzip'}}).data, text)
  })

  it('does not expand a bomb', () => {
    const bomb = gzipSync(Buffer.alloc(17_000_000))
    assert.equal(toOriginal({data: bomb, attributes: {'deadLetter-encoding': 'gzip'}}).data, bomb)
  })
})

describe('parseDeadLetterNote', () => {
  it('gives back any note that was written', () => {
    const text = fc.stringMatching(/^[a-z0-9@:-]{1,40}$/)
    const moments = fc.date({min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true})
    const any: fc.Arbitrary<DeadLetterNote> = fc.record(
      {
        job: text,
        runId: text,
        sourceTopic: text,
        kind: fc.constantFrom(...deadLetterKinds),
        reason: text,
        error: text,
        attempts: fc.nat(),
        firstAt: moments,
        lastAt: moments,
        replays: fc.nat(),
        messageId: text,
        requestId: fc.option(text, {nil: undefined}),
        attempt: fc.nat(),
      },
      {noNullPrototype: true},
    )
    fc.assert(
      fc.property(any, given => assert.deepEqual(parseDeadLetterNote(toDeadLetter(original, given).attributes), given)),
    )
  })

  it('finds none on a letter that Pub/Sub itself moved', () => {
    assert.equal(parseDeadLetterNote({CloudPubSubDeadLetterSourceDeliveryCount: '10', job: 'bootstrap'}), undefined)
    assert.equal(parseDeadLetterNote({'deadLetter-job': 'bootstrap'}), undefined)
  })
})
