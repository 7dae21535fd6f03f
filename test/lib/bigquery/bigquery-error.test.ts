import assert from 'node:assert/strict'
import {bigQueryErrorOf} from '../../../lib/bigquery/bigquery-error.ts'

const withReason = (reason: string, code = 400) => ({code, message: 'said', errors: [{reason, message: 'said'}]})

describe('bigQueryErrorOf', () => {
  it('reads status, reason and message of what the client throws', () => {
    assert.deepEqual(bigQueryErrorOf(Object.assign(new Error('Not found: Table'), withReason('notFound', 404))), {
      status: 404,
      reason: 'notFound',
      message: 'said',
      retriable: false,
    })
  })

  for (const reason of [
    'backendError',
    'internalError',
    'jobBackendError',
    'rateLimitExceeded',
    'quotaExceeded',
    'jobRateLimitExceeded',
  ]) {
    it(`takes ${reason} for something that passes`, () => {
      assert.equal(bigQueryErrorOf(withReason(reason)).retriable, true)
    })
  }
  for (const reason of ['accessDenied', 'invalidQuery', 'notFound', 'duplicate', 'invalid']) {
    it(`takes ${reason} for something that does not`, () => {
      assert.equal(bigQueryErrorOf(withReason(reason, 500)).retriable, false)
    })
  }

  it('goes by the status where there is no reason', () => {
    const retriable = [500, 503, 429, 400, 403].map(code => bigQueryErrorOf({code, message: 'm'}).retriable)
    assert.deepEqual(retriable, [true, true, true, false, false])
  })

  it('takes what never reached BigQuery for something that passes', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED'), {code: 'ECONNREFUSED'})
    assert.deepEqual(bigQueryErrorOf(error), {
      status: undefined,
      reason: undefined,
      message: 'connect ECONNREFUSED',
      retriable: true,
    })
  })

  it('makes something of anything', () => {
    for (const thrown of [undefined, null, 'text', {errors: 'no list'}, {errors: []}]) {
      assert.equal(bigQueryErrorOf(thrown).message, 'no answer')
    }
  })
})
