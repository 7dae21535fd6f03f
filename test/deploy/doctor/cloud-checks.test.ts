import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {runChecks} from '../../../deploy/doctor/check-result.ts'
import {cloudChecks} from '../../../deploy/doctor/cloud-checks.ts'
import {ConfigurationError} from '../../../lib/errors/configuration-error.ts'

// As google-auth-library words it.
const cause = new Error('Could not load the default credentials.')

describe('cloudChecks', () => {
  it('says without credentials how to log in, and asks nothing of what needs them', async () => {
    const asked: string[] = []
    const checks = cloudChecks({
      target: parseEnvironmentName('stage', {}),
      jobs: await loadCatalogue(),
      variables: {},
      gcloud: async args => {
        asked.push(args.join(' '))
        return args[0] === 'auth' ? JSON.stringify([{account: 'ada@example.com'}]) : '[]'
      },
      schedules: {
        states: async () => new Map(),
        deployedSince: async () => new Map(),
        pausedSince: async () => new Map(),
        pause: async () => undefined,
        resume: async () => undefined,
      },
      checkCredentials: () => Promise.reject(new ConfigurationError(['no credentials'], {cause})),
    }).filter(({what}) => what !== 'admin API')
    const results = await runChecks(checks, new AbortController().signal)
    const needsThem = 'not checked: it needs the credentials'
    assert.deepEqual(results, [
      {what: 'gcloud', state: 'ok', detail: 'as ada@example.com'},
      {
        what: 'credentials',
        state: 'wrong',
        detail: 'no Google Cloud credentials on this machine',
        fix: 'gcloud auth application-default login',
      },
      {what: 'project cloudact-testing-1', state: 'unknown', detail: needsThem},
      {what: 'paused schedules', state: 'ok', detail: 'none'},
      {what: 'missed slots', state: 'unknown', detail: needsThem},
    ])
    assert.deepEqual(
      asked.filter(args => !args.startsWith('auth ')),
      [],
    )
  })
})
