import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {parseEnvironmentName} from '../../deploy/catalogue/environments.ts'
import {applyPlan, type DeploymentOptions, planDeployment} from '../../deploy/cloud/deployment.ts'
import {createGcloud} from '../../deploy/cloud/gcloud/gcloud.ts'
import {createLedgerTables} from '../../deploy/cloud/resources/ledger-tables.ts'
import {loadDeadLetters} from '../../deploy/dead-letters/load-dead-letters.ts'
import {replayDeadLetters} from '../../deploy/dead-letters/replay-dead-letter.ts'
import {createDeadLetterQueue} from '../../deploy/environment/dead-letter-queue.ts'
import {findStatus} from '../../deploy/list/find-status.ts'
import {createCloudSchedules} from '../../deploy/schedules/cloud-schedules.ts'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {unfinished} from '../support/deployment-scene.ts'
import {startGcloudRecorder} from '../support/gcloud-recorder.ts'
import {sampleDeployment} from '../support/sample-deployment.ts'
import {startWarmGcloud} from '../support/warm-gcloud.ts'
import {startDataPlane} from './data-plane.ts'
import {createGoogleHabits} from './google-habits.ts'

const projectId = 'cloudact-testing-1'
const signal = new AbortController().signal

async function startProject() {
  const recorder = await startGcloudRecorder({
    projectId,
    projectNumber: '123456789012',
    secrets: ['ca-root-api-key-test', 'supabase-access-token-stage'],
  })
  recorder.state.enabled.add('secretmanager.googleapis.com')
  recorder.state.documents.set(`bigquery/v2/projects/${projectId}/datasets/organizations`, {location: 'us-central1'})
  const habits = createGoogleHabits(recorder.state)
  recorder.refuse = habits.refuse
  const [warm, folder] = await Promise.all([startWarmGcloud(), mkdtemp(join(tmpdir(), 'rehearsal-'))])
  const env = recorder.env(folder)
  // gcloud looks whether a source could be one; the recorder builds nothing.
  await writeFile(join(folder, 'package.json'), '{}')
  const gcloud = createGcloud({env: {...env, PATH: `${warm.folder}:${env['PATH']}`}, projectId, signal})
  const ledger = createLedgerTables(createBigQuery({projectId, url: recorder.url}))
  const options: DeploymentOptions & {jobs: DeploymentOptions['jobs']} = await sampleDeployment(
    {gcloud, ledger},
    {
      now: () => new Date(),
      wait: () => sleep(5),
    },
  )
  const deploy = async () => {
    const staged = new Map(options.jobs.map(({functionName}) => [functionName, {folder, hash: 'aaaa'}]))
    const plan = await planDeployment({...options, staged})
    const results = await applyPlan(plan, {...options, staged, signal, onChange: () => {}})
    return {plan, results}
  }
  return {
    recorder,
    habits,
    jobs: options.jobs,
    deploy,
    schedules: createCloudSchedules(options.jobs, gcloud),
    async stop() {
      await warm.stop()
      await recorder.stop()
      await rm(folder, {recursive: true})
    },
  }
}

/** Waits for a state; the rehearsal's own limit ends it. */
async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 90_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error(`never came: ${what}`)
    await sleep(100)
  }
}

describe('a project from nothing to green, with the real gcloud', function () {
  // On a busy machine; idle it is a fifth of that.
  this.timeout(900_000)
  let project: Awaited<ReturnType<typeof startProject>>
  let plane: Awaited<ReturnType<typeof startDataPlane>>

  before(async () => {
    project = await startProject()
  })
  after(async () => {
    await plane?.stop()
    await project.stop()
  })

  const jobNamed = (name: string) => {
    const job = project.jobs.find(job => job.name === name)
    assert.ok(job !== undefined)
    return job
  }
  const publish = (topic: string, attributes: Record<string, string>, data = '{}') =>
    plane.publisher.publish(topic, {data: Buffer.from(data), attributes})
  // Google's publisher may send a message twice: the second one is a duplicate.
  const endOf = (job: string, requestedBy: string) =>
    until(`the end of ${job} for ${requestedBy}`, async () => {
      const entries = await plane.ledger.since(new Date(0))
      return entries.findLast(
        entry =>
          entry.job === job &&
          entry.requestedBy === requestedBy &&
          !['started', 'progress', 'duplicate'].includes(entry.event),
      )
    })
  const sources = () => ({
    jobs: project.jobs,
    ledger: plane.ledger,
    queue: createDeadLetterQueue({projectId, host: plane.pubSubHost, pauseMilliseconds: 50, random: Math.random}),
    now: () => new Date(),
  })

  it('deploys in one go, whatever Google does not know yet', async () => {
    const {results} = await project.deploy()
    assert.deepEqual(unfinished(results), [])
    const {counts, datasetUpdates} = project.habits
    for (const met of ['gcf-artifacts', 'topic manual-jobs', 'dataset access'])
      assert.ok((counts.get(met) ?? 0) > 1, met)
    assert.ok([...counts.keys()].some(name => name.startsWith('actAs ')))
    assert.ok([...counts.keys()].some(name => name.startsWith('policy ')))
    // Refused once, then one change for each dataset.
    assert.equal(datasetUpdates.length, 3)
    plane = await startDataPlane(project.recorder.state)
  })

  it('pauses a schedule', async () => {
    await project.schedules.pause(jobNamed('daily-alerts'))
    assert.equal((await project.schedules.states()).get('daily-alerts'), 'paused')
  })

  it('runs a release: each message reaches its function with a token that Cloud Run takes', async () => {
    await publish('manual-jobs', {job: 'bootstrap', requestedBy: 'release'})
    assert.equal((await endOf('bootstrap', 'release')).event, 'succeeded')
    await publish('manual-jobs', {job: 'org-sync-all', requestedBy: 'release'})
    assert.equal((await endOf('org-sync-all', 'release')).event, 'succeeded')
    assert.deepEqual(plane.gateway.refusals, [])
  })

  it('passes an alias on to its job, and dead-letters what is no name', async () => {
    await publish('manual-jobs', {job: 'bootstrap-sync', requestedBy: 'by-alias'})
    await publish('manual-jobs', {job: 'stale', requestedBy: 'by-shortcut'})
    await publish('manual-jobs', {job: 'bootstarp', requestedBy: 'mistyped'})
    assert.equal((await endOf('bootstrap', 'by-alias')).event, 'succeeded')
    assert.equal((await endOf('daily-stale-cleanup', 'by-shortcut')).event, 'succeeded')
    assert.equal((await endOf('unrouted', 'mistyped')).error?.kind, 'unreadable')
  })

  it('keeps what no function could run, and replays it when the cause is gone', async () => {
    const done = plane.adminApi.faults.inject({
      path: '/api/v1/quota/reset-daily',
      kind: 'status',
      response: {status: 422, body: {detail: []}},
      times: 99,
    })
    await publish('cloudact-daily-quota-reset', {requestedBy: 'night', trigger: 'manual'})
    assert.equal((await endOf('daily-quota-reset', 'night')).event, 'failed')
    done()
    const environment = parseEnvironmentName('stage', {})
    const services = {...sources(), environment, publisher: plane.publisher, requestedBy: 'replayer', isForced: false}
    const {deadLetters} = await loadDeadLetters(services, {}, signal)
    const own = deadLetters.filter(({job}) => job === 'daily-quota-reset')
    assert.equal(own.length, 1)
    await services.queue.hold(
      own.map(({id}) => id),
      signal,
      leased => replayDeadLetters(services, leased, own, {signal, onResult() {}}),
    )
    assert.equal((await endOf('daily-quota-reset', 'replayer')).event, 'succeeded')
  })

  it('deploys again without a change, and leaves the paused schedule paused', async () => {
    const {plan} = await project.deploy()
    assert.deepEqual(plan.steps, [])
    assert.deepEqual(plan.missing, [])
    assert.equal((await project.schedules.states()).get('daily-alerts'), 'paused')
  })

  it('is green in the list once it is resumed', async () => {
    await project.schedules.resume(jobNamed('daily-alerts'))
    const {jobs, unknown, otherDeadLetters} = await findStatus({...sources(), schedules: project.schedules, signal})
    assert.deepEqual(unknown, [])
    assert.equal(otherDeadLetters, 1)
    const since = await project.schedules.deployedSince()
    for (const job of project.jobs.filter(({schedule}) => schedule !== undefined))
      assert.ok(since.has(job.name), job.name)
    assert.equal(jobs.length, project.jobs.length)
    assert.deepEqual(plane.gateway.refusals, [])
  })
})
