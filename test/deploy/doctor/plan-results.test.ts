import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {applyPlan, type DeploymentOptions, planDeployment} from '../../../deploy/cloud/deployment.ts'
import {resultsOf} from '../../../deploy/doctor/plan-results.ts'
import {toJob} from '../../../lib/job/job.ts'
import {createGcloudFake} from '../../support/gcloud-fake.ts'
import {createMemoryLedgerTables} from '../../support/memory-ledger-tables.ts'
import {sampleDeployment} from '../../support/sample-deployment.ts'

describe('resultsOf', () => {
  async function deployed() {
    const fake = createGcloudFake({
      secrets: ['ca-root-api-key-test', 'supabase-access-token-stage'],
      readConfig: path => JSON.parse(readFileSync(path, 'utf8')),
    })
    fake.documents.set('services', new Map([['secretmanager.googleapis.com', {}]]))
    const ledger = createMemoryLedgerTables()
    ledger.datasets.set('organizations', {location: 'us-central1', writers: [], readers: []})
    const options = await sampleDeployment({gcloud: fake.gcloud, ledger})
    const signal = new AbortController().signal
    const plan = await planDeployment(options)
    await applyPlan(plan, {...options, signal, onChange: () => {}})
    const look = async (changes: Partial<DeploymentOptions> = {}) =>
      resultsOf(await planDeployment({...options, staged: new Map(), ...changes}), 'stage')
    return {fake, options, look}
  }
  type CheckResults = Awaited<ReturnType<Awaited<ReturnType<typeof deployed>>['look']>>
  const wrong = (results: CheckResults) => results.filter(({state}) => state !== 'ok')

  it('finds all of a fresh deployment as declared, whichever bundle runs', async () => {
    const {look} = await deployed()
    const results = await look()
    assert.deepEqual(wrong(results), [])
    assert.deepEqual(
      results.find(({what}) => what === 'functions'),
      {what: 'functions', state: 'ok', detail: `${(await loadCatalogue()).length} as declared`},
    )
  })

  it('says what is gone, what is otherwise, and the command that mends it', async () => {
    const {look, fake} = await deployed()
    fake.documents.get('pubsub subscriptions')?.delete('cloudact-daily-alerts')
    fake.documents.get('pubsub subscriptions')?.delete('cloudact-daily-quota-reset')
    const schedules = fake.documents.get('scheduler jobs')
    const name = 'cloudact-daily-alerts-trigger'
    schedules?.set(name, {...schedules.get(name), schedule: '0 9 * * *'})
    fake.documents.get('secrets')?.delete('ca-root-api-key-test')
    const found = wrong(await look())
    const about = (what: string) => found.filter(result => result.what === what)
    assert.deepEqual(about('subscriptions'), [
      {
        what: 'subscriptions',
        state: 'wrong',
        detail: 'missing: cloudact-daily-alerts, cloudact-daily-quota-reset',
        fix: 'npm run deploy -- stage',
      },
    ])
    assert.deepEqual(
      about('schedules').map(({detail}) => detail),
      [`${name}: cron is 0 9 * * *, declared is 0 8 * * *`],
    )
    assert.match(about('secrets')[0]?.fix ?? '', /gcloud secrets create ca-root-api-key-test/)
  })

  it('misses a ninth job, with no other edit', async () => {
    const {look, options} = await deployed()
    const [sample] = options.jobs.filter(({name}) => name === 'daily-alerts')
    assert.ok(sample !== undefined)
    const {isIdempotent: _, ...declaration} = {...sample, idempotent: true, shortcuts: []}
    const ninth = toJob('functions/daily/ninth.ts', declaration)
    const found = wrong(await look({jobs: [...options.jobs, ninth]}))
    for (const [what, detail] of [
      ['functions', 'missing: cloudact-daily-ninth'],
      ['schedules', 'missing: cloudact-daily-ninth-trigger'],
      ['topics', 'missing: cloudact-daily-ninth'],
    ]) {
      assert.ok(
        found.some(result => result.what === what && result.detail === detail),
        what,
      )
    }
  })
})
