import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {resolveAddresses} from '../../../deploy/cloud/address.ts'
import {carryOutPlan, type DeploymentOptions, planDeployment} from '../../../deploy/cloud/deployment.ts'
import {createGcloud} from '../../../deploy/cloud/gcloud.ts'
import {createLedgerTables} from '../../../deploy/cloud/ledger-tables.ts'
import {buildManifest} from '../../../deploy/cloud/manifest.ts'
import {readDeployed} from '../../../deploy/cloud/read-deployed.ts'
import {idOf} from '../../../deploy/cloud/resource.ts'
import {createBigQuery} from '../../../lib/bigquery-client.ts'
import {type GcloudRecorder, startGcloudRecorder} from '../../support/gcloud-recorder.ts'
import {sampleDeployment} from '../../support/sample-deployment.ts'

const projectId = 'cloudact-testing-1'
const projectNumber = '123456789012'

describe('a deployment by the real gcloud', function () {
  this.timeout(180_000)
  let recorder: GcloudRecorder
  let folder: string

  before(async function () {
    const isInstalled = await promisify(execFile)('gcloud', ['--version']).then(
      () => true,
      () => false,
    )
    if (!isInstalled) {
      process.stdout.write('    gcloud is not installed: this test needs it\n')
      return this.skip()
    }
    recorder = await startGcloudRecorder({projectId, projectNumber, secrets: ['ca-root-api-key-test']})
    recorder.state.enabled.add('secretmanager.googleapis.com')
    folder = await mkdtemp(join(tmpdir(), 'gcloud-'))
  })

  after(async () => {
    if (recorder === undefined) return
    await recorder.stop()
    await rm(folder, {recursive: true})
  })

  it('makes what the manifest says, then finds nothing to do, then changes a schedule', async () => {
    await writeFile(join(folder, 'index.mjs'), '')
    const framework = {'@google-cloud/functions-framework': '5.0.5'}
    await writeFile(join(folder, 'package.json'), JSON.stringify({main: 'index.mjs', dependencies: framework}))
    const signal = AbortSignal.timeout(170_000)
    const gcloud = createGcloud({env: recorder.env(folder), projectId, signal})
    const ledger = createLedgerTables(createBigQuery({projectId, url: recorder.url}))
    const sample = await sampleDeployment({gcloud, ledger})
    const only = sample.jobs.filter(({name}) => name === 'daily-alerts')
    const options: DeploymentOptions = {
      ...sample,
      only,
      staged: new Map(only.map(({functionName}) => [functionName, {folder, hash: 'aaaa'}])),
    }
    const apply = async (what: DeploymentOptions) => {
      const plan = await planDeployment(what)
      const results = await carryOutPlan(plan, {...what, signal, now: () => new Date(0), onChange: () => {}})
      assert.deepEqual(
        results.filter(({state}) => state !== 'done'),
        [],
      )
      return plan
    }
    assert.ok((await apply(options)).steps.length > 15)

    // What gcloud reads the second time serves for the third plan too: it is the same state.
    const answers = new Map<string, Promise<string>>()
    const remembered: DeploymentOptions = {
      ...options,
      gcloud(words) {
        const key = words.join(' ')
        const answer = answers.get(key) ?? gcloud(words)
        answers.set(key, answer)
        return answer
      },
    }
    const before = recorder.requests.length
    assert.deepEqual((await apply(remembered)).steps, [])
    const isChange = ({method, path}: {method: string; path: string}) =>
      method !== 'GET' && !path.endsWith(':getIamPolicy')
    assert.deepEqual(recorder.requests.slice(before).filter(isChange), [])

    const manifest = buildManifest({...options, projectNumber})
    const found = await readDeployed(manifest, {projectId, gcloud: remembered.gcloud, ledger, isPartial: true})
    const addresses = new Map([...found].map(([id, {handle = ''}]) => [id, handle]))
    for (const declared of manifest) {
      assert.deepEqual(found.get(idOf(declared))?.fields, resolveAddresses(declared, addresses).fields, idOf(declared))
    }

    const later = only.map(job => ({...job, schedule: '30 9 * * *'}))
    const plan = await apply({...remembered, only: later})
    assert.deepEqual(
      plan.steps.map(({id, changes}) => ({id, changes})),
      [
        {
          id: 'schedule cloudact-daily-alerts-trigger',
          changes: [{field: 'cron', from: '0 8 * * *', to: '30 9 * * *'}],
        },
      ],
    )
    const trigger = `v1/projects/${projectId}/locations/us-central1/jobs/cloudact-daily-alerts-trigger`
    assert.equal(recorder.state.documents.get(trigger)?.['schedule'], '30 9 * * *')
  })
})
