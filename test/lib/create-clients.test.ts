import assert from 'node:assert/strict'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {createClients} from '../../lib/create-clients.ts'
import {parseEnvironment, type SecretName} from '../../lib/environment/environment.ts'
import {createRecordingLog} from '../support/recording-log.ts'

const variables = {
  GCP_PROJECT_ID: 'cloudact-testing-1',
  ENVIRONMENT: 'staging',
  CA_ROOT_API_KEY: 'the-root-key',
  SUPABASE_ACCESS_TOKEN: 'the-access-token',
}

function clientsFor(secrets: readonly SecretName[]) {
  return createClients(parseEnvironment(variables, secrets), {
    log: createRecordingLog().log,
    signal: new AbortController().signal,
    deadline: new Date(),
    fence: () => undefined,
    now: () => new Date(),
    bigQuery: createBigQuery({projectId: 'cloudact-testing-1', url: 'http://127.0.0.1:1'}),
  })
}

describe('createClients', () => {
  it('makes the clients whose secrets the job declares', () => {
    assert.equal(typeof clientsFor(['CA_ROOT_API_KEY']).api.bootstrapStatus, 'function')
  })

  it('says at the first use which secret the job did not declare, and not before', () => {
    const {api} = clientsFor([])
    assert.throws(() => api.bootstrapStatus, {
      name: 'ConfigurationError',
      message: /the job uses a client that needs CA_ROOT_API_KEY, but does not declare it in secrets$/,
    })
  })
})
