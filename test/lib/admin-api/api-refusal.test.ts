import assert from 'node:assert/strict'
import {startAdminApi} from '../../../deploy/local/admin-api/server.ts'
import {createToApiError} from '../../../lib/admin-api/api-refusal.ts'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {createApiAttempts} from '../../support/api-attempt.ts'

const now = new Date('2026-11-26T10:00:00Z')
const toApiError = createToApiError(() => now)
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
  [409, 'System already bootstrapped', 'RejectedError', /HTTP 409: System already bootstrapped\)$/],
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
  [
    503,
    'Root API key not configured. Set CA_ROOT_API_KEY environment variable.',
    'UnavailableError',
    /environment variable\.\): the API was deployed without its root key, and did nothing$/,
  ],
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

  for (const status of [400, 401, 404, 409, 429, 500, 502]) {
    it(`takes HTTP ${status} with an error_id for the API's own trouble, which may pass and has executed something`, () => {
      const detail = {
        error: 'auth',
        message: 'Failed to complete bootstrap.',
        error_id: 'ERR-1A2B',
        support_message: 'x',
      }
      const text = JSON.stringify({detail, request_id: 'r-9'})
      const {error} = toApiError({status, headers: new Headers(), text}, 'bootstrap')
      assert.ok(error instanceof UnavailableError)
      assert.equal(error.mayHaveExecuted, true)
      assert.equal(
        error.message,
        `the admin API could not do bootstrap now (HTTP ${status}, error_id ERR-1A2B, request_id r-9: auth: Failed to complete bootstrap.)`,
      )
      assert.doesNotMatch(error.message, /CA_ROOT_API_KEY/)
    })
  }

  for (const [what, status, body, message] of [
    [
      'an error that no route caught',
      500,
      {error: 'Internal server error', message: 'An unexpected error occurred.', request_id: 'r-1'},
      'the admin API could not do bootstrap now (HTTP 500, request_id r-1: Internal server error: An unexpected error occurred.)',
    ],
    [
      'headers against its rules',
      400,
      {error: 'INVALID_HEADERS', message: "Header 'x' too large: 5000 bytes", category: 'VALIDATION'},
      "the admin API refused bootstrap (HTTP 400: INVALID_HEADERS: Header 'x' too large: 5000 bytes)",
    ],
    [
      'a text beside the request’s id',
      500,
      {detail: 'Daily quota reset failed: x', request_id: 'r-2'},
      'the admin API could not do bootstrap now (HTTP 500, request_id r-2: Daily quota reset failed: x)',
    ],
    [
      'a text and no id',
      500,
      {detail: 'Internal Server Error', request_id: null},
      'the admin API could not do bootstrap now (HTTP 500: Internal Server Error)',
    ],
  ] as const) {
    it(`shows ${what}, with the handles before the words`, () => {
      const {error} = toApiError({status, headers: new Headers(), text: JSON.stringify(body)}, 'bootstrap')
      assert.equal(error.message, message)
    })
  }

  it('takes the request’s id from the answer’s header where its body has none', () => {
    const headers = new Headers({'x-request-id': 'r-5'})
    const {error} = toApiError({status: 500, headers, text: '{"detail":"no"}'}, 'bootstrap')
    assert.match(error.message, /HTTP 500, request_id r-5: no/)
  })

  it('keeps both handles however long the words are', () => {
    const detail = {error: 'database', message: 'x'.repeat(5000), error_id: 'ERR-1'}
    const text = JSON.stringify({detail, request_id: 'r-3'})
    const {error} = toApiError({status: 500, headers: new Headers(), text}, 'bootstrap')
    assert.match(error.message.slice(0, 120), /error_id ERR-1, request_id r-3: database: xxx/)
    assert.ok(error.message.length < 600)
  })

  it('knows that nothing was done in maintenance, and waits as long as that says', () => {
    const headers = new Headers({'x-maintenance-mode': 'true', 'retry-after': '3600'})
    const text = '{"error":"Service Unavailable","message":"down","maintenance":true}'
    const {error, retryAfterSeconds} = toApiError({status: 503, headers, text}, 'alerts')
    assert.ok(error instanceof UnavailableError && !error.mayHaveExecuted)
    assert.match(error.message, /Service Unavailable: down\): it is in maintenance, and did nothing$/)
    assert.equal(retryAfterSeconds, 3600)
  })

  it('knows that nothing was done by a service without its key', () => {
    const {error} = refuse(503, 'Root API key not configured. Set CA_ROOT_API_KEY environment variable.')
    assert.ok(error instanceof UnavailableError && !error.mayHaveExecuted)
  })

  it('knows that nothing was done where the request was turned away before the work', () => {
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
    [{retry_after: now.getTime() / 1000 + 50}, {}, 51],
    [{error: 'x', retry_after: 'soon'}, {'retry-after': String(now.getTime() / 1000 + 20)}, 21],
    ['slow down', {'x-ratelimit-reset': String(now.getTime() / 1000 + 20)}, 21],
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
    ['JSON of another shape', '{"code":"x"}', 'HTTP 502: {"code":"x"}'],
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

  it('waits for the moment that a real limit names', async () => {
    const {api} = await attempts.start({rateLimits: {windowSeconds: 1, names: 'next'}})
    const answers = await Promise.all(Array.from({length: 6}, () => api.bootstrapSync()))
    assert.equal(answers.length, 6)
  })

  it('takes NOT_BOOTSTRAPPED without a missing table for an error inside, not for a new project', async () => {
    const {api, emulator} = await attempts.start()
    await api.bootstrap()
    emulator.dataset.refuse({category: 'auth', message: '403 Access Denied'})
    await assert.rejects(api.bootstrapStatus(), {name: 'UnavailableError', message: /403 Access Denied/})
    assert.equal((await api.bootstrapStatus()).status, 'SYNCED')
  })

  it('takes NOT_BOOTSTRAPPED with an error for its message for one as well', async () => {
    const {api, emulator} = await attempts.start()
    const {tables_missing: _, ...status} = await api.bootstrapStatus()
    const text = JSON.stringify({...status, tables_missing: ['org_profiles'], message: 'BigQuery: 503 backend error'})
    emulator.faults.inject({path: '/api/v1/admin/bootstrap/status', kind: 'body', text})
    await assert.rejects(api.bootstrapStatus(), {name: 'UnavailableError', mayHaveExecuted: false})
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
