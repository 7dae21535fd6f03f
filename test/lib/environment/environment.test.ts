import assert from 'node:assert/strict'
import fc from 'fast-check'
import {parseEnvironment, type SecretName} from '../../../lib/environment/environment.ts'
import {ConfigurationError} from '../../../lib/errors/configuration-error.ts'

const staging = {GCP_PROJECT_ID: 'cloudact-testing-1', ENVIRONMENT: 'staging', CA_ROOT_API_KEY: 'the-root-key'}
const api: SecretName[] = ['CA_ROOT_API_KEY']

function problemsOf(variables: Readonly<Record<string, string | undefined>>, secrets: readonly SecretName[] = api) {
  try {
    parseEnvironment(variables, secrets)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error))
    return error.problems
  }
}

/** The variables that the problems name, in order. */
const namesOf = (...given: Parameters<typeof problemsOf>) =>
  problemsOf(...given).map(problem => /^[A-Z_]+/.exec(problem)?.[0])

describe('parseEnvironment', () => {
  it('needs no more than project, environment and the declared secrets', () => {
    assert.partialDeepStrictEqual(parseEnvironment(staging, api), {
      projectId: 'cloudact-testing-1',
      environment: 'staging',
      apiServiceUrl: 'https://cloudact-api-service-test-2adubqjovq-uc.a.run.app',
      supabaseApiUrl: 'https://api.supabase.com',
      supabaseProjectRef: 'kwroaccbrxppfiysqlzs',
      daysToKeep: 90,
      leaseSeconds: 120,
      logFormat: 'cloud',
      secrets: {CA_ROOT_API_KEY: 'the-root-key'},
    })
  })

  it('knows production', () => {
    const {apiServiceUrl, supabaseProjectRef} = parseEnvironment(
      {...staging, GCP_PROJECT_ID: 'cloudact-prod', ENVIRONMENT: 'production'},
      api,
    )
    assert.deepEqual([apiServiceUrl, supabaseProjectRef], ['https://api.cloudact.ai', 'ovfxswhkkshouhsryzaf'])
  })

  it('takes an address of its own, without its final slashes', () => {
    const {apiServiceUrl} = parseEnvironment({...staging, API_SERVICE_URL: 'https://api.example.com/base//'}, api)
    assert.equal(apiServiceUrl, 'https://api.example.com/base')
  })

  describe('secrets', () => {
    it('requires the declared ones only', () => {
      const none = {GCP_PROJECT_ID: 'cloudact-testing-1', ENVIRONMENT: 'staging'}
      assert.deepEqual(problemsOf(none, []), [])
      assert.deepEqual(namesOf(none, ['CA_ROOT_API_KEY', 'SUPABASE_ACCESS_TOKEN']), [
        'CA_ROOT_API_KEY',
        'SUPABASE_ACCESS_TOKEN',
      ])
    })

    it('does not even read the others', () => {
      const {secrets} = parseEnvironment({...staging, SUPABASE_ACCESS_TOKEN: 'with white space\n'}, api)
      assert.deepEqual(secrets, {CA_ROOT_API_KEY: 'the-root-key'})
      assert.equal(parseEnvironment(staging, []).apiServiceUrl, undefined)
    })

    for (const value of ['key\n', ' key', 'kéy', 'a b', '\u0000']) {
      it(`refuses one that no header carries: ${JSON.stringify(value)}`, () => {
        assert.deepEqual(namesOf({...staging, CA_ROOT_API_KEY: value}), ['CA_ROOT_API_KEY'])
      })
    }
  })

  it('takes an empty variable for one that is missing', () => {
    assert.deepEqual(problemsOf({...staging, CA_ROOT_API_KEY: '', DAYS_TO_KEEP: ''}), [
      'CA_ROOT_API_KEY is missing: the job needs this secret',
    ])
  })

  it('tells all problems at once', () => {
    const wrong = {
      GCP_PROJECT_ID: 'cloudact-testing-1',
      ENVIRONMENT: 'production',
      CA_ROOT_API_KEY: 'two words',
      API_SERVICE_URL: 'http://api.example.com',
      SUPABASE_API_URL: 'nowhere',
      DAYS_TO_KEEP: '0',
      JOB_TIMEOUT_SECONDS: '541',
      LEASE_SECONDS: 'long',
      LOG_FORMAT: 'xml',
      BIGQUERY_EMULATOR_HOST: 'http://bigquery.example.com',
      PUBSUB_EMULATOR_HOST: 'example.com:8085',
    }
    assert.deepEqual(new Set(namesOf(wrong)), new Set(Object.keys(wrong).filter(name => name !== 'GCP_PROJECT_ID')))
    assert.deepEqual(namesOf({}), ['GCP_PROJECT_ID', 'ENVIRONMENT', 'CA_ROOT_API_KEY'])
  })

  for (const [what, variables, problem] of [
    [
      'a test project in production',
      {ENVIRONMENT: 'production'},
      /^ENVIRONMENT contradicts GCP_PROJECT_ID, which is that of staging$/,
    ],
    [
      'the production project in staging',
      {GCP_PROJECT_ID: 'cloudact-prod'},
      /^ENVIRONMENT contradicts GCP_PROJECT_ID, which is that of production$/,
    ],
    [
      'the local project in production',
      {GCP_PROJECT_ID: 'cloudact-local', ENVIRONMENT: 'production', API_SERVICE_URL: 'http://127.0.0.1:1'},
      /^ENVIRONMENT contradicts/,
    ],
    ['an unknown project without an address', {GCP_PROJECT_ID: 'cloudact-other'}, /^API_SERVICE_URL is missing/],
    ['a project named like a method', {GCP_PROJECT_ID: 'constructor'}, /^API_SERVICE_URL is missing/],
    ['an environment by its short name', {ENVIRONMENT: 'prod'}, /^ENVIRONMENT: .*"staging"\|"production"/],
  ] as const) {
    it(`refuses ${what}`, () => {
      const problems = problemsOf({...staging, ...variables})
      assert.equal(problems.length, 1)
      assert.match(problems[0] ?? '', problem)
    })
  }

  it('takes an unknown project with an address', () => {
    const environment = parseEnvironment(
      {...staging, GCP_PROJECT_ID: 'cloudact-other', API_SERVICE_URL: 'https://x.example'},
      api,
    )
    assert.deepEqual([environment.apiServiceUrl, environment.supabaseProjectRef], ['https://x.example', undefined])
  })

  for (const url of ['https://api.example.com', 'http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:1']) {
    it(`takes ${url} for the API`, () => {
      assert.deepEqual(problemsOf({...staging, API_SERVICE_URL: url}), [])
    })
  }
  for (const url of [
    'http://api.example.com',
    'http://127.0.0.1.example.com',
    'http://127.0.0.1@example.com',
    'http://localhost.example.com',
    'https://user:password@api.example.com',
    'ftp://127.0.0.1',
    'javascript:alert(1)',
    'api.example.com',
    '//127.0.0.1',
  ]) {
    it(`refuses ${url} for the API`, () => {
      assert.deepEqual(namesOf({...staging, API_SERVICE_URL: url}), ['API_SERVICE_URL'])
    })
  }

  for (const [text, days] of [
    ['1', 1],
    ['3650', 3650],
    ['0', undefined],
    ['3651', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e2', undefined],
    [' 30', undefined],
    ['0x1e', undefined],
  ] as const) {
    it(`${days === undefined ? 'refuses' : 'takes'} ${JSON.stringify(text)} days to keep`, () => {
      const variables = {...staging, DAYS_TO_KEEP: text}
      if (days === undefined)
        assert.deepEqual(problemsOf(variables), ['DAYS_TO_KEEP: must be a whole number from 1 to 3650'])
      else assert.equal(parseEnvironment(variables, api).daysToKeep, days)
    })
  }

  it('never tells a value, whichever variable it stands in', () => {
    const value = 'v4lue-t0-h1de'
    const names = [
      'GCP_PROJECT_ID',
      'ENVIRONMENT',
      'CA_ROOT_API_KEY',
      'SUPABASE_ACCESS_TOKEN',
      'API_SERVICE_URL',
      'SUPABASE_API_URL',
      'DAYS_TO_KEEP',
      'JOB_TIMEOUT_SECONDS',
      'LEASE_SECONDS',
      'LOG_FORMAT',
      'BIGQUERY_EMULATOR_HOST',
      'PUBSUB_EMULATOR_HOST',
    ]
    const forms = fc.constantFrom(value, `${value} `, `http://${value}`, `https://${value}:x@y`, value.toUpperCase())
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), forms), variables => {
        const told = problemsOf(variables, ['CA_ROOT_API_KEY', 'SUPABASE_ACCESS_TOKEN']).join('\n')
        assert.doesNotMatch(told, /v4lue/i)
      }),
      {numRuns: 300},
    )
  })
})
