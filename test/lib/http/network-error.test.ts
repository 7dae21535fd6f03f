import assert from 'node:assert/strict'
import {provesNothingWasSent} from '../../../lib/http/network-error.ts'

const withCode = (code: string, options?: ErrorOptions) => Object.assign(new Error(code, options), {code})

describe('provesNothingWasSent', () => {
  for (const code of [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
    'CERT_HAS_EXPIRED',
  ]) {
    it(`is sure after ${code}, however deep`, () => {
      const error = new Error('request failed', {cause: new TypeError('fetch failed', {cause: withCode(code)})})
      assert.equal(provesNothingWasSent(error), true)
    })
  }

  for (const code of [
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'UND_ERR_SOCKET',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
  ]) {
    it(`is not sure after ${code}`, () => {
      assert.equal(provesNothingWasSent(new Error('request failed', {cause: withCode(code)})), false)
    })
  }

  it('goes by the outermost code', () => {
    assert.equal(provesNothingWasSent(withCode('ECONNRESET', {cause: withCode('ECONNREFUSED')})), false)
  })

  it('is not sure of what has no code, is no error, or causes itself', () => {
    const loop = new Error('loop')
    loop.cause = loop
    for (const error of [new Error('x'), 'ECONNREFUSED', undefined, loop])
      assert.equal(provesNothingWasSent(error), false)
  })
})
