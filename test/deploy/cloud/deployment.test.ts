import assert from 'node:assert/strict'
import {exitCodeFor, planDeployment} from '../../../deploy/cloud/deployment.ts'
import {toGcloudError} from '../../../deploy/cloud/gcloud/gcloud-error.ts'
import {buildManifest} from '../../../deploy/cloud/manifest/manifest.ts'
import {readActual} from '../../../deploy/cloud/plan/read-actual.ts'
import {idOf, resolveFields} from '../../../deploy/cloud/resources/resource.ts'
import {createCloudSchedules} from '../../../deploy/schedules/cloud-schedules.ts'
import {toJob} from '../../../lib/job/job.ts'
import {createDeploymentScene, unfinished} from '../../support/deployment-scene.ts'

const isAbout = (word: string) => (args: readonly string[]) => args.includes(word)

describe('a deployment', () => {
  it('makes everything that the manifest names, field by field', async () => {
    const {apply, fake, ledger, options} = await createDeploymentScene()
    const {results, plan} = await apply()
    assert.deepEqual(unfinished(results), [])
    assert.equal(exitCodeFor(plan, results, false), 0)
    const manifest = buildManifest({...options, projectNumber: '123'})
    const found = await readActual(manifest, {
      projectId: 'cloudact-testing-1',
      gcloud: fake.gcloud,
      ledger,
      isPartial: false,
    })
    const addresses = new Map([...found].map(([id, {address = ''}]) => [id, address]))
    for (const declared of manifest) {
      assert.deepEqual(found.get(idOf(declared))?.fields, resolveFields(declared.fields, addresses), idOf(declared))
    }
  })

  it('changes nothing the second time', async () => {
    const {apply, fake, ledger} = await createDeploymentScene()
    await apply()
    const before = [fake.changes.length, ledger.changes.length]
    const {plan, text} = await apply()
    assert.deepEqual(plan.steps, [])
    assert.deepEqual([fake.changes.length, ledger.changes.length], before)
    assert.match(text, /^Nothing to do: all \d+ are as declared\.$/m)
  })

  it('leaves out a function that is withheld, says what to do, and deploys the others', async () => {
    const withheld = new Map([['cloudact-manual-supabase-migrate', 'set SUPABASE_MIGRATIONS_DIR']])
    const {apply, fake} = await createDeploymentScene({withheld})
    const {plan, results, text} = await apply()
    const isDeployed = (name: string) => fake.changes.some(args => args[0] === 'functions' && args[2] === name)
    assert.ok(!isDeployed('cloudact-manual-supabase-migrate'))
    assert.ok(isDeployed('cloudact-manual-bootstrap'))
    assert.match(text, /missing .*supabase-migrate\n.*set SUPABASE_MIGRATIONS_DIR/)
    assert.equal(exitCodeFor(plan, results, false), 3)
  })

  it('deploys each function with the flags that keep it private and single', async () => {
    const {apply, fake} = await createDeploymentScene({
      variablesOf: job => (job.name === 'daily-alerts' ? {A: 'b'} : {}),
    })
    await apply()
    const deploy = fake.changes.find(args => args[0] === 'functions' && args[2] === 'cloudact-daily-alerts')
    assert.deepEqual(deploy, [
      'functions',
      'deploy',
      'cloudact-daily-alerts',
      '--gen2',
      '--region=us-central1',
      '--source=dist/cloudact-daily-alerts',
      '--entry-point=cloudact-daily-alerts',
      '--trigger-http',
      '--no-allow-unauthenticated',
      '--ingress-settings=internal-only',
      '--runtime=nodejs24',
      '--memory=512Mi',
      '--concurrency=1',
      '--max-instances=1',
      '--timeout=540s',
      '--service-account=job-daily-alerts@cloudact-testing-1.iam.gserviceaccount.com',
      '--build-service-account=projects/cloudact-testing-1/serviceAccounts/job-build@cloudact-testing-1.iam.gserviceaccount.com',
      '--set-env-vars=GCP_PROJECT_ID=cloudact-testing-1,ENVIRONMENT=staging,A=b',
      '--set-secrets=CA_ROOT_API_KEY=ca-root-api-key-test:latest',
      '--update-labels=bundle-hash=aaaa,version=1-0-0',
    ])
  })

  it('shows a changed schedule with old and new, and changes that alone', async () => {
    const {apply, fake, options} = await createDeploymentScene()
    await apply()
    const before = fake.changes.length
    const jobs = options.jobs.map(job => (job.name === 'daily-alerts' ? {...job, schedule: '30 9 * * *'} : job))
    const {text} = await apply({jobs})
    assert.match(text, /~ change {3}schedule cloudact-daily-alerts-trigger\n +cron: 0 8 \* \* \* → 30 9 \* \* \*/)
    const sent = fake.changes.slice(before)
    // The dashboard's table shows the schedule.
    assert.deepEqual(sent.map(args => args.slice(0, 3).join(' ')).sort(), [
      'monitoring dashboards create',
      'monitoring dashboards delete',
      'scheduler jobs update',
    ])
    assert.deepEqual(sent.find(isAbout('scheduler')), [
      'scheduler',
      'jobs',
      'update',
      'pubsub',
      'cloudact-daily-alerts-trigger',
      '--location=us-central1',
      '--schedule=30 9 * * *',
      '--time-zone=UTC',
      '--topic=projects/cloudact-testing-1/topics/cloudact-daily-alerts',
      '--message-body={}',
      '--update-attributes=job=daily-alerts,trigger=schedule',
      '--max-retry-attempts=5',
      '--min-backoff=10s',
      '--max-backoff=300s',
    ])
  })

  it('takes in a ninth job without another edit, and tells the function that routes of it', async () => {
    const {apply, fake, options} = await createDeploymentScene()
    await apply()
    const [sample] = options.jobs.filter(({name}) => name === 'bootstrap')
    assert.ok(sample !== undefined)
    const {isIdempotent: _, ...declaration} = {...sample, idempotent: true, shortcuts: []}
    const ninth = toJob('functions/manual/ninth.ts', declaration)
    const {plan, text} = await apply({
      jobs: [...options.jobs, ninth],
      staged: new Map([...options.staged, ['cloudact-manual-ninth', {folder: 'x', hash: 'b'}]]),
    })
    const router = plan.steps.find(({id}) => id === 'function cloudact-manual-bootstrap')
    assert.equal(router?.action, 'change')
    assert.match(
      text,
      /~ change {3}function cloudact-manual-bootstrap\n +env JOB_NAMES: .*; cloudact-manual-ninth ninth/,
    )
    assert.ok(fake.documents.get('functions')?.has('cloudact-manual-ninth'))
    assert.ok(fake.documents.get('pubsub subscriptions')?.has('manual-jobs-unrouted'))
  })

  it('shows what a removed job left behind with the command that removes it, and leaves it alone', async () => {
    const {apply, fake, options} = await createDeploymentScene()
    await apply()
    const before = fake.changes.length
    const {plan} = await apply({jobs: options.jobs.filter(({name}) => name !== 'daily-alerts')})
    const ids = plan.undeclared.map(({id}) => id)
    assert.ok(ids.includes('function cloudact-daily-alerts'))
    assert.ok(ids.includes('schedule cloudact-daily-alerts-trigger'))
    assert.ok(ids.includes('service-account job-daily-alerts'))
    const trigger = plan.undeclared.find(({id}) => id.startsWith('schedule '))
    assert.equal(
      trigger?.removeWith,
      'gcloud scheduler jobs delete cloudact-daily-alerts-trigger --location=us-central1',
    )
    const touched = fake.changes.slice(before).filter(args => args.some(word => word.includes('daily-alerts-trigger')))
    assert.deepEqual(touched, [])
  })

  it('goes on with the other functions where one fails, says what is missing, and finishes when run again', async () => {
    const {apply, fake} = await createDeploymentScene()
    fake.refuse = args =>
      args[1] === 'deploy' && args[2] === 'cloudact-daily-alerts' ? 'ERROR: Build failed: no such module' : undefined
    const {plan, results} = await apply()
    assert.equal(exitCodeFor(plan, results, false), 3)
    const open = new Map(unfinished(results).map(({id, state, reason}) => [id, `${state}: ${reason}`]))
    assert.match(open.get('function cloudact-daily-alerts') ?? '', /^failed: .*Build failed: no such module/)
    assert.equal(open.get('schedule cloudact-daily-alerts-trigger'), 'not tried: function cloudact-daily-alerts failed')
    assert.equal(
      fake.documents.get('functions')?.size,
      plan.steps.filter(({id}) => id.startsWith('function ')).length - 1,
    )
    fake.refuse = () => undefined
    assert.deepEqual(unfinished((await apply()).results), [])
    assert.deepEqual((await apply()).plan.steps, [])
  })

  it('begins nothing more when interrupted, and finishes when run again', async () => {
    const {apply, fake} = await createDeploymentScene()
    const interrupt = new AbortController()
    const {plan, results} = await apply({
      signal: interrupt.signal,
      onChange: () => void (fake.changes.length >= 12 && interrupt.abort()),
    })
    assert.equal(exitCodeFor(plan, results, interrupt.signal.aborted), 130)
    assert.ok(unfinished(results).length > 0)
    assert.ok(fake.changes.length < 20)
    assert.deepEqual(unfinished((await apply()).results), [])
    assert.deepEqual((await apply()).plan.steps, [])
  })

  it('tries again while Google is busy', async () => {
    const waits: number[] = []
    const {apply, fake} = await createDeploymentScene({wait: async milliseconds => void waits.push(milliseconds)})
    const left = ['HTTPError 409: concurrent policy changes', 'status=[429] RESOURCE_EXHAUSTED', 'HTTPError 503']
    fake.refuse = args => (args.includes('create') && args.includes('dead-letters') ? left.shift() : undefined)
    assert.deepEqual(unfinished((await apply()).results), [])
    assert.deepEqual(waits, [1000, 2000, 4000])
  })

  it('says in one sentence which permission is missing, and the command that gives it', async () => {
    const {fake, options} = await createDeploymentScene()
    fake.refuse = args =>
      args[0] === 'services'
        ? "ERROR: PERMISSION_DENIED: Permission 'serviceusage.services.list' denied on x"
        : undefined
    await assert.rejects(planDeployment(options), {
      message:
        'your account may not serviceusage.services.list in cloudact-testing-1: have an owner run ' +
        'gcloud projects add-iam-policy-binding cloudact-testing-1 --member=user:YOUR_ACCOUNT --role=roles/serviceusage.serviceUsageAdmin',
    })
  })

  it('says how to log in where nobody is', () => {
    const {message} = toGcloudError(['projects'], {
      text: 'ERROR: You do not currently have an active account selected.',
    })
    assert.equal(message, 'gcloud is not logged in: run `gcloud auth login`, then again')
  })

  it('says the command that creates a missing secret, deploys what does not need it, and never touches a value', async () => {
    const {apply, fake} = await createDeploymentScene()
    fake.documents.set('secrets', new Map())
    const {plan, results} = await apply()
    assert.match(plan.missing[0]?.fix ?? '', /gcloud secrets create ca-root-api-key-test --project=cloudact-testing-1/)
    assert.deepEqual([...(fake.documents.get('functions')?.keys() ?? [])], ['cloudact-daily-quota-cleanup'])
    assert.equal(exitCodeFor(plan, results, false), 3)
    assert.deepEqual(
      fake.changes.filter(args => args[0] === 'secrets'),
      [],
    )
  })

  it('shows what the Python scripts left, and removes that alone, only when asked', async () => {
    const {apply, fake} = await createDeploymentScene()
    await apply()
    const legacy = ['cloudact-manual-bootstrap', 'cloudact-daily-pipelines', 'cloudact-5min-billing-sync-retry']
    const others = ['cloudact-nightly-export', 'cloudact-5min-quota', 'billing-sync', 'unrelated']
    const names = [...legacy, ...others]
    fake.documents.set('run jobs', new Map(names.map(name => [name, {metadata: {name}}])))
    const trigger = (name: string) => {
      const uri = `https://us-central1-run.googleapis.com/apis/run.googleapis.com/v1/namespaces/p/jobs/${name}:run`
      return [`${name}-trigger`, {name: `${name}-trigger`, schedule: '0 3 * * *', httpTarget: {uri}}] as const
    }
    const schedules = fake.documents.get('scheduler jobs')
    for (const name of ['cloudact-5min-billing-sync-retry', 'cloudact-nightly-export']) schedules?.set(...trigger(name))
    const shown = await apply()
    assert.deepEqual(shown.plan.steps, [])
    assert.deepEqual(
      shown.plan.legacy.toSorted(),
      [...legacy.map(name => `legacy-job ${name}`), 'schedule cloudact-5min-billing-sync-retry-trigger'].sort(),
    )
    assert.match(shown.text, /not declared, left alone {2}legacy-job cloudact-nightly-export\n/)
    assert.match(shown.text, /not declared, left alone {2}schedule cloudact-nightly-export-trigger\n/)
    await apply({removeLegacy: true})
    assert.deepEqual([...(fake.documents.get('run jobs')?.keys() ?? [])], others)
    assert.ok(schedules?.has('cloudact-nightly-export-trigger'))
    assert.ok(!schedules?.has('cloudact-5min-billing-sync-retry-trigger'))
  })

  it("never replaces somebody's schedule that has one of our names", async () => {
    const {apply, fake} = await createDeploymentScene()
    await apply()
    const name = 'cloudact-daily-alerts-trigger'
    const theirs = {
      name,
      schedule: '0 8 * * *',
      httpTarget: {uri: 'https://example.com/jobs/cloudact-daily-alerts:run'},
    }
    fake.documents.get('scheduler jobs')?.set(name, theirs)
    const {plan} = await apply({removeLegacy: true})
    assert.deepEqual(plan.steps, [])
    assert.match(plan.missing[0]?.fix ?? '', /somebody's schedule has this name and calls https:\/\/example\.com/)
    assert.equal(fake.documents.get('scheduler jobs')?.get(name), theirs)
  })

  it('leaves an old trigger that has a new name alone as well, until asked', async () => {
    const {apply, fake} = await createDeploymentScene()
    await apply()
    const schedules = fake.documents.get('scheduler jobs')
    assert.ok(schedules !== undefined)
    const name = 'cloudact-daily-alerts-trigger'
    schedules.set(name, {
      name,
      schedule: '0 8 * * *',
      httpTarget: {uri: `https://run.googleapis.com/v2/projects/p/locations/l/jobs/cloudact-daily-alerts:run`},
    })
    const shown = await apply()
    assert.deepEqual(shown.plan.steps, [])
    assert.match(
      shown.text,
      /missing {2}schedule cloudact-daily-alerts-trigger\n +what this service replaces still has/,
    )
    assert.equal(exitCodeFor(shown.plan, shown.results, false), 3)
    const {plan} = await apply({removeLegacy: true})
    assert.deepEqual(
      plan.steps.map(({id, action}) => `${action} ${id}`),
      [`replace schedule ${name}`],
    )
    assert.deepEqual((await apply()).plan.steps, [])
  })

  it('leaves a paused schedule paused, whatever else changes about it', async () => {
    const {apply, fake, options} = await createDeploymentScene()
    await apply()
    const schedules = createCloudSchedules(options.jobs, fake.gcloud)
    const alerts = options.jobs.find(({name}) => name === 'daily-alerts')
    assert.ok(alerts !== undefined)
    await schedules.pause(alerts)
    const jobs = options.jobs.map(job => (job === alerts ? {...job, schedule: '30 9 * * *'} : job))
    assert.ok((await apply({jobs})).plan.steps.some(({id}) => id === 'schedule cloudact-daily-alerts-trigger'))
    assert.equal((await schedules.states()).get('daily-alerts'), 'paused')
  })
})
