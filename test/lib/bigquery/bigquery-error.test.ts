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
      assert.equal(bigQueryErrorOf(withReason(reason, 400)).retriable, false)
    })
    it(`takes 503 with ${reason} for something that passes, as every 5xx`, () => {
      assert.equal(bigQueryErrorOf(withReason(reason, 503)).retriable, true)
    })
  }

  for (const message of [
    'Could not serialize access to table organizations.org_usage_quotas due to concurrent update',
    'UPDATE or DELETE statement over table organizations.org_usage_quotas would affect rows in the streaming buffer',
    'Resources exceeded during query execution: Too many DML statements outstanding against table job_runs, limit is 20.',
  ]) {
    it(`takes "${message.slice(0, 40)}…" for something that passes`, () => {
      const failed = {errors: [{reason: 'invalidQuery', message}]}
      assert.deepEqual(
        [bigQueryErrorOf(failed).retriable, bigQueryErrorOf({...failed, code: 400}).retriable],
        [true, true],
      )
    })
  }

  it('takes resources that a statement itself exceeds for something that does not pass', () => {
    const errors = [{reason: 'resourcesExceeded', message: 'Resources exceeded: query out of memory'}]
    assert.equal(bigQueryErrorOf({code: 400, errors}).retriable, false)
  })

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
