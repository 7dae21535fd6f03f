import assert from 'node:assert/strict'
import {environmentNames, parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {parseEnvironment} from '../../../lib/environment/environment.ts'

describe('parseEnvironmentName', () => {
  it('knows four names of three deployments, and asks before prod alone', () => {
    const rows = environmentNames.map(name => {
      const {projectId, environment, needsConfirmation} = parseEnvironmentName(name, {})
      return [name, projectId, environment, needsConfirmation]
    })
    assert.deepEqual(rows, [
      ['test', 'cloudact-testing-1', 'staging', false],
      ['stage', 'cloudact-testing-1', 'staging', false],
      ['prod', 'cloudact-prod', 'production', true],
      ['local', 'cloudact-local', 'staging', false],
    ])
  })

  it('agrees with what the functions know', () => {
    for (const name of environmentNames) {
      const {projectId, environment} = parseEnvironmentName(name, {})
      assert.equal(parseEnvironment({GCP_PROJECT_ID: projectId, ENVIRONMENT: environment}, []).environment, environment)
    }
  })

  for (const name of ['production', 'PROD', 'staging', '', 'constructor', '__proto__', 'prod ']) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      assert.throws(() => parseEnvironmentName(name, {}), {
        name: 'UsageError',
        message: `there is no environment "${name}": it is one of test, stage, prod, local`,
      })
    })
  }

  it('refuses a shell that is set up for another one, with all that contradicts and no value of it', () => {
    assert.throws(
      () => parseEnvironmentName('test', {GCP_PROJECT_ID: 'cloudact-prod-x', ENVIRONMENT: 'production-x'}),
      (error: Error) => {
        assert.match(
          error.message,
          /GCP_PROJECT_ID in this shell contradicts test \(cloudact-testing-1\).*ENVIRONMENT in this shell contradicts/,
        )
        assert.doesNotMatch(error.message, /-x/)
        return error.name === 'ConfigurationError'
      },
    )
  })

  it('takes a shell that agrees, or says nothing', () => {
    const {name} = parseEnvironmentName('prod', {GCP_PROJECT_ID: 'cloudact-prod', ENVIRONMENT: 'production'})
    assert.equal(name, 'prod')
    assert.equal(parseEnvironmentName('prod', {GCP_PROJECT_ID: '', ENVIRONMENT: undefined}).name, 'prod')
  })

  it('uses the sandbox whatever the shell is set up for', () => {
    assert.equal(
      parseEnvironmentName('local', {GCP_PROJECT_ID: 'cloudact-prod', ENVIRONMENT: 'production'}).name,
      'local',
    )
  })
})
