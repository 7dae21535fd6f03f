import assert from 'node:assert/strict'
import {type Ended, runScript} from '../support/run-script.ts'

const right = {
  FUNCTION_TARGET: 'cloudact-manual-bootstrap',
  GCP_PROJECT_ID: 'cloudact-local',
  ENVIRONMENT: 'staging',
  CA_ROOT_API_KEY: 'the-root-key-of-tests',
  API_SERVICE_URL: 'http://127.0.0.1:1',
  BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:1',
  PUBSUB_EMULATOR_HOST: '127.0.0.1:1',
  LOG_FORMAT: 'terminal',
}

const wrong = {
  'an empty environment': {FUNCTION_TARGET: right.FUNCTION_TARGET},
  'several wrong variables': {
    ...right,
    ENVIRONMENT: 'h1dden-environment',
    CA_ROOT_API_KEY: 'h1dden key',
    API_SERVICE_URL: 'http://h1dden.example.com',
    DAYS_TO_KEEP: 'h1dden-days',
  },
  'a target that leads elsewhere': {...right, FUNCTION_TARGET: 'cloudact-manual-../../lib/main'},
  'no target': {...right, FUNCTION_TARGET: ''},
  'a target that is none': {...right, FUNCTION_TARGET: 'cloudact-manual-no-such-job'},
}

describe('the entry', () => {
  const ended = new Map<string, Ended>()
  let registered: Ended
  before(async () => {
    const starts = Object.entries(wrong).map(async ([what, env]) => {
      ended.set(what, await runScript("await import('./lib/main.ts'); console.log('went on')", env))
    })
    const script = `
      await import('./lib/main.ts')
      const {getFunction} = await import('@google-cloud/functions-framework/testing')
      const names = ['cloudact-manual-bootstrap', 'cloudact-daily-alerts']
      console.log(JSON.stringify(names.map(name => getFunction(name)?.length ?? null)))
      process.exit()
    `
    registered = await runScript(script, right)
    await Promise.all(starts)
  })

  it('registers the one function that FUNCTION_TARGET names, with one parameter', () => {
    assert.deepEqual(registered, {stdout: '[1,null]\n', stderr: '', exitCode: 0})
  })

  for (const what of Object.keys(wrong)) {
    it(`ends the process with exit code 2 and one line of JSON at ${what}`, () => {
      const {stdout, stderr, exitCode} = ended.get(what) ?? {stdout: 'none', stderr: '', exitCode: null}
      assert.deepEqual([stdout, exitCode], ['', 2])
      const line: {severity: string; message: string} = JSON.parse(stderr)
      assert.equal(line.severity, 'CRITICAL')
      assert.match(line.message, /can't start: configuration is wrong: /)
    })
  }

  it('names every variable that is missing', () => {
    assert.match(
      ended.get('an empty environment')?.stderr ?? '',
      /GCP_PROJECT_ID is missing; ENVIRONMENT is missing; CA_ROOT_API_KEY is missing/,
    )
  })

  it('names every variable that is wrong, and never its value', () => {
    const stderr = ended.get('several wrong variables')?.stderr ?? ''
    for (const name of ['ENVIRONMENT', 'CA_ROOT_API_KEY', 'API_SERVICE_URL', 'DAYS_TO_KEEP'])
      assert.match(stderr, new RegExp(`${name}: `))
    assert.doesNotMatch(stderr, /h1dden/)
  })

  it('says which file a target names that does not exist', () => {
    assert.match(
      ended.get('a target that is none')?.stderr ?? '',
      /functions\/manual\/no-such-job\.ts, which does not exist/,
    )
  })
})
