import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {cp, readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import ky from 'ky'
import {bundleFunction} from '../../../deploy/bundle/bundle.ts'
import {successPathOf} from '../../../deploy/bundle/success-path.ts'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {startAdminApi} from '../../../deploy/local/admin-api/server.ts'
import {startBigQuery} from '../../../deploy/local/bigquery/server.ts'
import {startEmulatorServer} from '../../../deploy/local/emulator/emulator-server.ts'
import type {EmulatorRequest, EmulatorResponse} from '../../../deploy/local/emulator/exchange.ts'
import {createInjectedFaults} from '../../../deploy/local/emulator/injected-faults.ts'
import {setUpLedger} from '../../../deploy/local/ledger-setup.ts'
import {startPubSubServer} from '../../../deploy/local/pubsub/server/server.ts'
import {setUpPubSub} from '../../../deploy/local/pubsub-setup.ts'
import {startSupabase} from '../../../deploy/local/supabase/server.ts'
import {createBigQuery} from '../../../lib/bigquery/bigquery-client.ts'
import {type Job, toJob} from '../../../lib/job/job.ts'
import {createRunLedger} from '../../../lib/ledger/run-ledger.ts'
import {collectStatements} from '../../support/collect-statements.ts'
import credentialsProbe from '../../support/credentials-probe.ts'
import {toPushBody} from '../../support/push-delivery.ts'
import {stagedEnv, stagedSecrets} from '../../support/staged-env.ts'
import {createStaging, type Staging, startStaged} from '../../support/staged-function.ts'
import strayErrorProbe from '../../support/stray-error-probe.ts'

const projectId = 'cloudact-local'
/** Of code, without blanks; the goal is 1 MB, and .github/PERFORMANCE.md says what is missing. */
const maxBytes = 1_750_000
/** PostgreSQL's parser, which one function loads when there is something to apply, and what that does with it. */
const parserBytes = 160_000
const probePath = 'test/support/credentials-probe.ts'
const strayErrorPath = 'test/support/stray-error-probe.ts'

/** Every counterpart of the sandbox, but none of its functions: what runs here is what was staged. */
async function startCounterparts(jobs: readonly Job[]) {
  const [bigQuery, adminApi, supabase, pubSub] = await Promise.all([
    startBigQuery({projectId, ...collectStatements}),
    startAdminApi({rootKey: stagedSecrets.CA_ROOT_API_KEY, rateLimits: false}),
    startSupabase({accessToken: stagedSecrets.SUPABASE_ACCESS_TOKEN, projectRef: 'local'}),
    startPubSubServer({}),
  ])
  const client = createBigQuery({projectId, url: bigQuery.url})
  await setUpLedger(client)
  const {host} = pubSub
  const retryPolicy = {minimumBackoffSeconds: 1, maximumBackoffSeconds: 1}
  await setUpPubSub({host, projectId, jobs, retryPolicy, endpointOf: () => 'http://127.0.0.1:9'})
  return {
    host,
    bigQueryFaults: bigQuery.faults,
    ledger: createRunLedger(client),
    envOf: (job: Job) =>
      stagedEnv(job, {
        API_SERVICE_URL: adminApi.url,
        SUPABASE_API_URL: supabase.url,
        BIGQUERY_EMULATOR_HOST: bigQuery.url,
        PUBSUB_EMULATOR_HOST: host,
      }),
    async stop() {
      await Promise.all([pubSub.stop(), adminApi.stop(), supabase.stop()])
      await bigQuery.stop()
    },
  }
}

describe('a staged function', function () {
  this.timeout(180_000)
  let jobs: readonly Job[]
  let counterparts: Awaited<ReturnType<typeof startCounterparts>>
  let staging: Staging

  before(async () => {
    jobs = await loadCatalogue()
    staging = await createStaging()
    counterparts = await startCounterparts(jobs)
  })
  after(async () => {
    await counterparts?.stop()
    await staging?.remove()
  })

  /** Starts a job's staged folder, pushes one message, and gives the status and what was printed. */
  const pushTo = async (job: Job, message: Parameters<typeof toPushBody>[0]) => {
    const running = await startStaged((await staging.stage(job)).folder, counterparts.envOf(job))
    try {
      return {status: await running.push(toPushBody(message)), printed: running.lines.join('')}
    } finally {
      await running.stop()
    }
  }
  const attributesOf = (job: Job, runId: string) => ({job: job.name, runId, trigger: 'manual', requestedBy: 'test'})
  const named = (name: string) => {
    const job = jobs.find(candidate => candidate.name === name)
    assert.ok(job !== undefined)
    return job
  }

  it('starts from a clean directory and does its job, whichever it is', async () => {
    const succeeds = async (job: Job) => {
      const runId = `${job.name}@01STAGED`
      const {status, printed} = await pushTo(job, {messageId: job.name, attributes: attributesOf(job, runId)})
      const end = (await counterparts.ledger.history(runId)).at(-1)
      assert.equal(status, 204, `${job.name}: ${printed}`)
      assert.ok(['succeeded', 'skipped'].includes(end?.event ?? ''), `${job.name}: ${end?.event} ${printed}`)
    }
    const first = named('bootstrap')
    // The others need what it makes.
    await succeeds(first)
    await Promise.all(jobs.filter(job => job !== first).map(succeeds))
  })

  it('loads no gRPC, gax or protobuf code for an event that succeeds, one locale of zod, and no more than it did', async () => {
    for (const job of jobs) {
      const {metafile} = await staging.stage(job)
      const {bytes, inputs} = successPathOf(metafile)
      const packages = inputs.map(input => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? '')
      assert.deepEqual(
        packages.filter(name => /grpc|google-gax|protobuf|proto3/.test(name)),
        [],
        job.name,
      )
      const locales = inputs.filter(input => input.includes('zod/v4/locales/'))
      assert.deepEqual(locales, ['node_modules/zod/v4/locales/en.js'], job.name)
      const allowed = maxBytes + (job.name === 'supabase-migrate' ? parserBytes : 0)
      assert.ok(bytes <= allowed, `${job.name}: ${bytes} bytes`)
      // The same packages are in the bundle, for a dead letter: what is looked for above is called what it is looked for.
      const all = Object.keys(metafile.inputs).join('\n')
      for (const name of ['@grpc/grpc-js', 'google-gax', 'protobufjs']) assert.ok(all.includes(`${name}/`), name)
    }
  })

  it('publishes what it sets aside with the client that is inside the bundle', async () => {
    const job = named('bootstrap')
    const attributes = attributesOf(job, 'bootstrap@01UNREADABLE')
    const {status, printed} = await pushTo(job, {data: 'no JSON', messageId: 'bad', attributes})
    assert.equal(status, 204, printed)
    const deadLetters = await ky
      .post(`http://${counterparts.host}/v1/projects/${projectId}/subscriptions/dead-letters:pull`, {
        json: {maxMessages: 10, returnImmediately: true},
      })
      .text()
    assert.match(deadLetters, /bootstrap@01UNREADABLE/)
  })

  it('takes its credentials from the metadata server, all that a function ever has', async () => {
    const requests: EmulatorRequest[] = []
    const serve = (respond: (request: EmulatorRequest) => EmulatorResponse) =>
      startEmulatorServer({
        faults: createInjectedFaults(),
        async respond(request) {
          requests.push(request)
          return respond(request)
        },
      })
    const metadata = await serve(() => ({
      status: 200,
      headers: {'metadata-flavor': 'Google'},
      body: {access_token: 'from-metadata', expires_in: 3600, token_type: 'Bearer'},
    }))
    const jobReference = {projectId, jobId: 'probe', location: 'US'}
    const empty = {jobComplete: true, jobReference, schema: {fields: []}, totalRows: '0'}
    const bigQuery = await serve(() => ({status: 200, body: empty}))
    const job = {...toJob('functions/manual/credentials-probe.ts', credentialsProbe), path: probePath}
    try {
      const {folder} = await staging.stage(job)
      const env = {
        ...counterparts.envOf(job),
        K_SERVICE: job.functionName,
        GCE_METADATA_HOST: new URL(metadata.url).host,
      }
      const running = await startStaged(folder, env)
      try {
        const attributes = attributesOf(job, `${job.name}@01CREDENTIALS`)
        const data = JSON.stringify({apiEndpoint: bigQuery.url})
        assert.equal(await running.push(toPushBody({messageId: 'c', attributes, data})), 204, running.lines.join(''))
        assert.match(running.lines.join(''), /succeeded .*: 0 rows, and Pub\/Sub has the same token/)
      } finally {
        await running.stop()
      }
      const asked = requests.find(({url}) => url.pathname.endsWith('/queries'))
      assert.equal(asked?.headers.authorization, 'Bearer from-metadata')
      assert.ok(requests.some(({url}) => url.pathname.endsWith('/instance/service-accounts/default/token')))
    } finally {
      await Promise.all([metadata.stop(), bigQuery.stop()])
    }
  })

  it('gets over a BigQuery that refuses, breaks off its answer, or cuts the connection once it has done its work', async () => {
    const job = named('daily-quota-reset')
    const response = {status: 503, body: {error: {code: 503, message: 'busy', errors: [{reason: 'backendError'}]}}}
    const running = await startStaged((await staging.stage(job)).folder, counterparts.envOf(job))
    try {
      for (const fault of [
        {path: /\/queries\//, kind: 'status', response},
        {path: /\/queries\//, kind: 'truncate'},
        {path: /\/jobs$/, kind: 'reset-after'},
      ] as const) {
        counterparts.bigQueryFaults.inject(fault)
        const runId = `${job.name}@01${fault.kind.toUpperCase()}`
        const body = toPushBody({messageId: runId, attributes: attributesOf(job, runId)})
        const context = () => `${fault.kind}: ${running.lines.join('')}`
        assert.equal(await running.push(body), 204, context())
        assert.equal(counterparts.bigQueryFaults.pending(), 0, context())
        assert.equal((await counterparts.ledger.history(runId)).at(-1)?.event, 'succeeded', context())
      }
    } finally {
      counterparts.bigQueryFaults.clear()
      await running.stop()
    }
  })

  it('answers 500 for an error that nobody caught, and lives on to the end of its run', async () => {
    const job = {...toJob('functions/manual/stray-error-probe.ts', strayErrorProbe), path: strayErrorPath}
    const running = await startStaged((await staging.stage(job)).folder, counterparts.envOf(job))
    try {
      const runId = `${job.name}@01STRAY`
      const body = toPushBody({messageId: 'stray', attributes: attributesOf(job, runId)})
      assert.equal(await running.push(body), 500)
      assert.match(running.lines.join(''), /stray/)
      // Delivered again, as Pub/Sub would: what was being executed is waited for, and found finished. Its second error,
      // meanwhile, is not this delivery's.
      assert.equal(await running.push(body), 204, running.lines.join(''))
      const events = (await counterparts.ledger.history(runId)).map(({event}) => event)
      assert.deepEqual(events.slice(0, 2), ['started', 'succeeded'])
      assert.match(running.lines.join(''), /Exception from a finished function: Error: stray after 500 ms/)
    } finally {
      await running.stop()
    }
  })

  it('is started by the command that Cloud Functions starts, once npm has installed it without asking any registry', async () => {
    const job = named('daily-quota-reset')
    const staged = await staging.stage(job)
    const folder = join(staged.folder, '../installed')
    await cp(staged.folder, folder, {recursive: true})
    const env = {
      PATH: process.env['PATH'],
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_cache: join(folder, 'c'),
    }
    await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], {cwd: folder, env})
    const running = await startStaged(folder, counterparts.envOf(job), 'node_modules/.bin/functions-framework')
    try {
      const attributes = attributesOf(job, `${job.name}@01INSTALLED`)
      assert.equal(await running.push(toPushBody({messageId: 'installed', attributes})), 204, running.lines.join(''))
    } finally {
      await running.stop()
    }
  })

  it('holds migrations and the SQL parser for supabase-migrate alone, and an explicit ignore file', async () => {
    for (const job of [named('supabase-migrate'), named('daily-alerts')]) {
      const {folder} = await staging.stage(job)
      const isMigrate = job.name === 'supabase-migrate'
      const names = await readdir(folder)
      assert.deepEqual(
        names.filter(name => name.endsWith('.map')),
        [],
        'nothing reads source maps at run time, and they are half of the upload',
      )
      assert.equal(names.includes('migrations'), isMigrate)
      assert.equal(names.includes('libpg-query.wasm'), isMigrate)
      assert.equal(await readFile(join(folder, '.gcloudignore'), 'utf8'), 'node_modules/\n')
    }
  })

  it('has the same hash wherever it is built', async () => {
    const job = named('daily-alerts')
    const one = await staging.stage(job)
    // Alone, where the other was one of many.
    const other = await bundleFunction(job, join(one.folder, '../b/c'))
    assert.equal(one.hash, other.hash)
  })
})
