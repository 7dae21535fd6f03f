import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {deployedApiCheck} from '../../../deploy/doctor/deployed-api.ts'

describe('deployedApiCheck', () => {
  /** Nothing is asked: these URLs are refused before. */
  const check = async (deployed: Readonly<Record<string, string>>, variables: Record<string, string> = {}) => {
    const functions = Object.entries(deployed).map(([name, url]) => ({
      name: `projects/p/locations/us-central1/functions/${name}`,
      state: 'ACTIVE',
      buildConfig: {runtime: 'nodejs24'},
      serviceConfig: {environmentVariables: {API_SERVICE_URL: url}},
    }))
    const {look} = deployedApiCheck({
      target: parseEnvironmentName('stage', {}),
      jobs: await loadCatalogue(),
      variables,
      gcloud: async () => JSON.stringify(functions),
    })
    return look(new AbortController().signal)
  }

  it('looks at what the functions call, not at what this shell names, and says so', async () => {
    const results = await check(
      {'cloudact-daily-alerts': 'https://10.1.2.3'},
      {API_SERVICE_URL: 'https://api.example.com'},
    )
    assert.deepEqual(
      results.map(({state, detail}) => [state, detail]),
      [
        ['wrong', 'the functions call https://10.1.2.3, which is not an https URL of a public host'],
        ['notice', "this shell's API_SERVICE_URL is not deployed, so it was not checked"],
      ],
    )
  })

  it('finds functions that call different APIs; those that call none do not count', async () => {
    const results = await check({
      'cloudact-daily-alerts': 'https://10.1.2.3',
      'cloudact-manual-bootstrap': 'http://api.cloudact.ai',
      'cloudact-daily-quota-cleanup': 'https://10.9.9.9',
    })
    assert.match(results.at(-1)?.detail ?? '', /different APIs: https:\/\/10\.1\.2\.3, http:\/\/api\.cloudact\.ai$/)
  })
})
