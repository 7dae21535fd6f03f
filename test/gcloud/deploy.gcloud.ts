import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import * as z from 'zod'
import {applyPlan, type DeploymentOptions, planDeployment} from '../../deploy/cloud/deployment.ts'
import {createGcloud} from '../../deploy/cloud/gcloud/gcloud.ts'
import {createLedgerTables} from '../../deploy/cloud/resources/ledger-tables.ts'
import {sampleMigrations} from '../../deploy/local/migrations-folder.ts'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {toJob} from '../../lib/job/job.ts'
import {type GcloudRecorder, type RecordedRequest, startGcloudRecorder} from '../support/gcloud-recorder.ts'
import {runDeploy} from '../support/run-deploy.ts'
import {sampleDeployment} from '../support/sample-deployment.ts'
import {startWarmGcloud} from '../support/warm-gcloud.ts'
import {deployedDocuments, deployedPermissions} from './deployed-documents.ts'

const projectId = 'cloudact-testing-1'
const projectNumber = '123456789012'

async function startCloud() {
  const secrets = ['ca-root-api-key-test', 'supabase-access-token-stage']
  const recorder = await startGcloudRecorder({projectId, projectNumber, secrets})
  recorder.state.enabled.add('secretmanager.googleapis.com')
  recorder.state.documents.set(`bigquery/v2/projects/${projectId}/datasets/organizations`, {location: 'us-central1'})
  const folder = await mkdtemp(join(tmpdir(), 'gcloud-'))
  const warm = await startWarmGcloud()
  const env = recorder.env(folder)
  return {
    recorder,
    folder,
    env: {
      ...env,
      PATH: `${warm.folder}:${env['PATH']}`,
      BIGQUERY_EMULATOR_HOST: recorder.url,
      ALERT_EMAIL: 'ops@cloudact.ai',
      SUPABASE_MIGRATIONS_DIR: sampleMigrations,
    },
    /** Without what loads it in advance. */
    plainPath: env['PATH'],
    async stop() {
      await warm.stop()
      await recorder.stop()
      await rm(folder, {recursive: true})
    },
  }
}

/** What changes something: reading a policy is a POST as well. */
const isChange = ({method, path}: RecordedRequest) => method !== 'GET' && !path.endsWith(':getIamPolicy')
const policySchema = z.object({bindings: z.array(z.object({role: z.string(), members: z.array(z.string())}))})
const membersOf = (policy: unknown, role: string) =>
  policySchema
    .parse(policy)
    .bindings.filter(binding => binding.role === role)
    .flatMap(({members}) => members)
    .sort()
const buildSchema = z.object({
  steps: z.array(z.object({id: z.string(), args: z.array(z.string())})),
  substitutions: z.record(z.string(), z.string()),
})
const changesOf = ({requests}: GcloudRecorder) => requests.filter(isChange)

describe('npm run deploy, by the real gcloud', function () {
  // On a busy machine; idle it is a fifth of that.
  this.timeout(900_000)
  let cloud: Awaited<ReturnType<typeof startCloud>>

  before(async () => {
    cloud = await startCloud()
  })
  after(() => cloud.stop())

  it('says in one sentence what is not permitted, and who can mend it how', async () => {
    const {recorder, env} = cloud
    recorder.refuse = ({path}) =>
      path.endsWith('/services')
        ? {
            status: 403,
            body: {
              error: {
                code: 403,
                status: 'PERMISSION_DENIED',
                message: "Permission 'serviceusage.services.list' denied on resource",
              },
            },
          }
        : undefined
    const {code, stderr} = await runDeploy(['stage', '--plan'], {env: {...env, PATH: cloud.plainPath}})
    recorder.refuse = () => undefined
    assert.equal(code, 1)
    assert.match(stderr, /your account may not serviceusage\.services\.list in cloudact-testing-1: have an owner run/)
    assert.match(stderr, /gcloud projects add-iam-policy-binding cloudact-testing-1 --member=\S+ --role=roles\/\S+$/m)
    assert.deepEqual(changesOf(recorder), [])
  })

  it('asks before it changes anything', async () => {
    const {recorder, env} = cloud
    const {code, stdout, stderr} = await runDeploy(['stage', '--only', 'alerts'], {env})
    assert.equal(code, 2)
    assert.match(stdout, /^\+ create {3}function cloudact-daily-alerts\n/m)
    assert.match(stderr, /Do this in stage \(cloudact-testing-1\)\? There is no terminal to ask on: add --yes/)
    assert.deepEqual(changesOf(recorder), [])
  })

  it('stops when interrupted, goes on when run again, and does again what Google was too busy for', async () => {
    const {recorder, env} = cloud
    let isInterrupted = false
    const interrupted = await runDeploy(['stage', '--only', 'alerts', '--yes'], {
      env,
      onText(text, interrupt) {
        // Once: a second Ctrl-C ends the command without a word.
        if (isInterrupted || !text.includes('✔ topic')) return
        isInterrupted = true
        interrupt()
      },
    })
    assert.equal(interrupted.code, 130)
    assert.match(interrupted.stdout, /not tried, since interrupted: .*function cloudact-daily-alerts/)
    const functionPath = `v2/projects/${projectId}/locations/us-central1/functions/cloudact-daily-alerts`
    assert.equal(recorder.state.documents.has(functionPath), false)

    let refusals = 0
    recorder.refuse = ({method, path}) => {
      if (method !== 'POST' || !path.endsWith('/functions') || refusals > 0) return undefined
      refusals++
      return {status: 429, body: {error: {code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded'}}}
    }
    const again = await runDeploy(['stage', '--only', 'alerts', '--yes'], {env})
    recorder.refuse = () => undefined
    assert.equal(refusals, 1)
    assert.equal(again.code, 0, again.stdout + again.stderr)
    assert.match(again.stdout, /^Done: \d+ steps?, \d+ were as declared\.$/m)
    assert.equal(recorder.state.documents.has(functionPath), true)
  })

  it('makes everything that is declared', async () => {
    const {recorder, env} = cloud
    const {code, stdout, stderr} = await runDeploy(['stage', '--yes'], {env})
    assert.equal(code, 0, stdout + stderr)
    for (const [path, fields] of Object.entries(deployedDocuments({projectId}))) {
      const document: Readonly<Record<string, unknown>> = recorder.state.documents.get(path) ?? {}
      const compared = Object.fromEntries(Object.keys(fields).map(name => [name, document[name]]))
      assert.deepEqual(compared, fields, path)
    }
    for (const [path, role, members] of deployedPermissions({projectId, projectNumber})) {
      assert.deepEqual(membersOf(recorder.state.policies.get(path), `roles/${role}`), [...members].sort(), path)
    }
  })

  it('is what Cloud Build does after the checks and the tests', async () => {
    const {recorder, env} = cloud
    const args = [
      'builds',
      'submit',
      '--no-source',
      '--async',
      '--config=deploy/cloudbuild.yaml',
      '--substitutions=_ENV=prod',
    ]
    await createGcloud({env, projectId, signal: AbortSignal.timeout(60_000)})(args)
    const build = recorder.requests.find(({method, path}) => method === 'POST' && path.endsWith('/builds'))
    const {steps, substitutions} = buildSchema.parse(build?.body)
    assert.deepEqual(
      // Cloud Build itself puts in the environment.
      steps.map(({id, args}) => [id, ...args].join(' ').replace(/\$\{(\w+)\}/, '<$1>')),
      ['install ci', 'check run check', 'test test', 'deploy deploy/start.mjs deploy <_ENV> --yes'],
    )
    assert.equal(substitutions['_ENV'], 'prod')
  })

  it('finds nothing to do the second time; then takes in a new job, another schedule, and leaves a removed job alone', async () => {
    const {recorder, env} = cloud
    const signal = AbortSignal.timeout(880_000)
    const gcloud = createGcloud({env, projectId, signal})
    const ledger = createLedgerTables(createBigQuery({projectId, url: recorder.url}))
    const functions = [...recorder.state.documents].filter(([path]) => path.includes('/functions/'))
    const hashOf = (name: string) =>
      /"bundle-hash":"(\w+)"/.exec(JSON.stringify(functions.find(([path]) => path.endsWith(name))))
    const sample = await sampleDeployment({gcloud, ledger})
    const {jobs} = sample
    const options: DeploymentOptions = {
      ...sample,
      staged: new Map(
        jobs.map(({functionName}) => [functionName, {folder: '', hash: hashOf(functionName)?.[1] ?? ''}]),
      ),
    }
    // What is read the second time serves for the third plan too: it is the same state.
    const answers = new Map<string, Promise<string>>()
    const remembering: DeploymentOptions = {
      ...options,
      gcloud(args) {
        const key = args.join(' ')
        const answer = answers.get(key) ?? gcloud(args)
        answers.set(key, answer)
        return answer
      },
    }
    const before = changesOf(recorder).length
    assert.deepEqual((await planDeployment(remembering)).steps, [])
    assert.equal(changesOf(recorder).length, before)

    const [bootstrap] = jobs.filter(({name}) => name === 'bootstrap')
    assert.ok(bootstrap !== undefined)
    const {isIdempotent: _, ...declaration} = {...bootstrap, idempotent: true, shortcuts: []}
    const ninth = toJob('functions/manual/ninth.ts', declaration)
    const changed = jobs
      .filter(({name}) => name !== 'daily-stale-cleanup')
      .map(job => (job.name === 'daily-alerts' ? {...job, schedule: '30 9 * * *'} : job))
    const plan = await planDeployment({
      ...remembering,
      jobs: [...changed, ninth],
      staged: new Map([...options.staged, ['cloudact-manual-ninth', {folder: cloud.folder, hash: 'b'}]]),
    })
    const schedule = plan.steps.find(({id}) => id === 'schedule cloudact-daily-alerts-trigger')
    assert.deepEqual(schedule?.changes, [{field: 'cron', from: '0 8 * * *', to: '30 9 * * *'}])
    assert.ok(plan.steps.some(({id, action}) => action === 'create' && id === 'subscription cloudact-manual-ninth'))
    assert.ok(plan.undeclared.some(({id}) => id === 'function cloudact-daily-stale-cleanup'))

    // The schedule alone: the rest would be the first deployment again.
    const some = {...plan, steps: plan.steps.filter(step => step === schedule)}
    await applyPlan(some, {...options, signal, onChange: () => {}})
    const trigger = `v1/projects/${projectId}/locations/us-central1/jobs/cloudact-daily-alerts-trigger`
    assert.equal(recorder.state.documents.get(trigger)?.['schedule'], '30 9 * * *')
    assert.equal(recorder.state.documents.has(trigger.replace('alerts', 'stale-cleanup')), true)
  })
})
