import assert from 'node:assert/strict'
import {startAdminApi} from '../../../deploy/local/admin-api/server.ts'
import {toApiError} from '../../../lib/admin-api/api-refusal.ts'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {createApiAttempts} from '../../support/api-attempt.ts'

const refuse = (status: number, detail: unknown, headers: Record<string, string> = {}) =>
  toApiError({status, headers: new Headers(headers), text: JSON.stringify({detail})}, 'bootstrap')

/** The contract's table. */
const rows: [status: number, detail: unknown, name: string, message: RegExp][] = [
  [
    401,
    'Missing root key',
    'RejectedError',
    /HTTP 401: Missing root key\): CA_ROOT_API_KEY is not the key of this API, check the secret$/,
  ],
  [403, 'Invalid root key', 'RejectedError', /HTTP 403: Invalid root key\): CA_ROOT_API_KEY is not the key/],
  [404, 'Not Found', 'RejectedError', /this release of the API has no such route, API and jobs disagree$/],
  [404, 'Organization acme not found', 'RejectedError', /HTTP 404: Organization acme not found\)$/],
  [400, 'not active', 'RejectedError', /HTTP 400: not active\)$/],
  [
    409,
    {error: 'conflict', message: 'the dataset exists'},
    'RejectedError',
    /HTTP 409: conflict: the dataset exists\)$/,
  ],
  [
    422,
    [{loc: ['body', 'orgs', 0], msg: 'field required', type: 'missing'}],
    'RejectedError',
    /HTTP 422: body\.orgs\.0: field required\)$/,
  ],
  [
    429,
    {error: 'rate limit', retry_after: 30},
    'UnavailableError',
    /^the admin API could not do bootstrap now \(HTTP 429: rate limit\)$/,
  ],
  [408, 'slow', 'UnavailableError', /HTTP 408/],
  [425, 'early', 'UnavailableError', /HTTP 425/],
  [500, 'Internal Server Error', 'UnavailableError', /HTTP 500: Internal Server Error\)$/],
  [502, 'Bad Gateway', 'UnavailableError', /HTTP 502/],
  [503, 'Root API key not configured', 'UnavailableError', /HTTP 503: Root API key not configured\)$/],
  [504, 'upstream request timeout', 'UnavailableError', /HTTP 504/],
]

describe('toApiError', () => {
  for (const [status, detail, name, message] of rows) {
    it(`takes HTTP ${status} ${JSON.stringify(detail).slice(0, 40)} for ${name}`, () => {
      const {error} = refuse(status, detail)
      assert.equal(error.name, name)
      assert.match(error.message, message)
      assert.equal(
        error instanceof RejectedError || error instanceof UnavailableError ? error.status : undefined,
        status,
      )
    })
  }

  it('knows that nothing was carried out where the request was turned away before the work', () => {
    const mayHaveExecuted = [429, 425, 408, 500, 503].map(status => {
      const {error} = refuse(status, 'no')
      return error instanceof UnavailableError && error.mayHaveExecuted
    })
    assert.deepEqual(mayHaveExecuted, [false, false, true, true, true])
  })

  for (const [detail, headers, seconds] of [
    [{retry_after: 12}, {}, 12],
    [{retry_after: 12}, {'retry-after': '3'}, 12],
    ['slow down', {'retry-after': '3'}, 3],
    ['slow down', {}, undefined],
    [{retry_after: -1}, {}, undefined],
    [{retry_after: 'soon'}, {}, undefined],
    ['slow down', {'retry-after': '-3'}, undefined],
    ['slow down', {'retry-after': '1e9'}, undefined],
  ] as const) {
    it(`waits ${seconds} s for ${JSON.stringify(detail)} with ${JSON.stringify(headers)}`, () => {
      assert.equal(refuse(429, detail, headers).retryAfterSeconds, seconds)
    })
  }

  for (const [what, text, said] of [
    ['a page', '<html>\n<h1>Bad\u001b[31m Gateway</h1>', 'HTTP 502: <html> <h1>Bad Gateway</h1>'],
    ['nothing', '', 'HTTP 502'],
    ['JSON of another shape', '{"error":"x"}', 'HTTP 502: {"error":"x"}'],
    ['a long text', 'x'.repeat(1000), `HTTP 502: ${'x'.repeat(200)}… (cut)`],
  ] as const) {
    it(`makes a line of ${what}`, () => {
      const {error} = toApiError({status: 502, headers: new Headers(), text}, 'bootstrap')
      assert.equal(error.message, `the admin API could not do bootstrap now (${said})`)
    })
  }
})

describe('createAdminApi', () => {
  const attempts = createApiAttempts()
  afterEach(() => attempts.stopAll())

  it('sends the root key, and reads status, fresh bootstrap and sync of the real routes', async () => {
    const {api, emulator} = await attempts.start()
    assert.partialDeepStrictEqual(await api.bootstrapStatus(), {status: 'NOT_BOOTSTRAPPED', dataset_exists: false})
    assert.partialDeepStrictEqual(await api.bootstrap(), {status: 'SUCCESS', schema_validation: {valid: true}})
    assert.partialDeepStrictEqual(await api.bootstrapSync(), {status: 'SUCCESS', errors: []})
    assert.deepEqual(emulator.requestLog.refused, [])
  })

  it('is refused with a key that is not the API’s, and the message names the variable, never the key', async () => {
    const {api} = await attempts.start({key: 'another-key-of-somebody'})
    await assert.rejects(api.bootstrapStatus(), (error: Error) => {
      assert.match(error.message, /CA_ROOT_API_KEY/)
      assert.doesNotMatch(error.message, /another-key-of-somebody/)
      return error instanceof RejectedError
    })
  })

  it('waits out the rate limit that the API tells of', async () => {
    const {api, emulator} = await attempts.start()
    const response = {status: 429, body: {detail: {error: 'rate limit', message: 'wait', retry_after: 0}}}
    emulator.faults.inject({path: '/api/v1/admin/bootstrap/sync', kind: 'status', response, times: 2})
    await api.bootstrap()
    assert.equal((await api.bootstrapSync()).status, 'SUCCESS')
    assert.equal(emulator.faults.pending(), 0)
  })

  it('is refused a fresh bootstrap where there is a dataset', async () => {
    const {api} = await attempts.start()
    await api.bootstrap()
    await assert.rejects(api.bootstrap(), {name: 'RejectedError', status: 409})
  })

  it('is down where nobody listens', async () => {
    const other = await startAdminApi({rootKey: 'x'})
    await other.stop()
    const {api} = await attempts.start({baseUrl: other.url, seconds: 0.2})
    await assert.rejects(api.bootstrapStatus(), {name: 'UnavailableError', mayHaveExecuted: false})
  })
})
