import assert from 'node:assert/strict'
import {childTraceparent} from '../../../lib/http/traceparent.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const delivery = `00-${traceId}-b7ad6b7169203331-01`

describe('childTraceparent', () => {
  it('keeps the trace and its flags, with a span of its own', () => {
    const numbers = [0.5, 0.25]
    assert.equal(
      childTraceparent(delivery, () => numbers.shift() ?? 0),
      `00-${traceId}-8000000040000000-01`,
    )
    assert.equal(
      childTraceparent(delivery.replace(/01$/, '00'), () => 0),
      `00-${traceId}-0000000000000001-00`,
    )
    assert.equal(
      childTraceparent(delivery, () => 0.999_999_999_999),
      `00-${traceId}-ffffffffffffffff-01`,
    )
  })

  it('takes a later version, whatever follows', () => {
    assert.match(
      childTraceparent(`cc-${delivery.slice(3)}-more`, Math.random) ?? '',
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/,
    )
  })

  it('is none where the delivery has none, or one that is not valid', () => {
    for (const text of [
      undefined,
      '',
      'x',
      `ff-${delivery.slice(3)}`,
      delivery.replace(traceId, '0'.repeat(32)),
      delivery.replace('b7ad6b7169203331', '0'.repeat(16)),
      delivery.toUpperCase(),
      `${delivery}x`,
      `${delivery}\r\nx-evil: 1`,
    ]) {
      assert.equal(childTraceparent(text, Math.random), undefined, text)
    }
  })
})
