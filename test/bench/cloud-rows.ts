import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import timers from 'node:timers/promises'
import {bundleFunction} from '../../deploy/bundle/bundle.ts'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {sampleMigrations} from '../../deploy/local/migrations-folder.ts'
import {waitForRun} from '../../deploy/runs/wait-for-run.ts'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import type {Job} from '../../lib/job/job.ts'
import {readLedgerVersion} from '../../lib/ledger/ledger-version.ts'
import {createRunLedger} from '../../lib/ledger/run-ledger.ts'
import {createEntry} from '../support/ledger-entry.ts'
import {toPushBody} from '../support/push-delivery.ts'
import {type CloudBigQuery, cloudProject, cloudTimes, startCloudBigQuery} from './cloud-bigquery.ts'
import {type Started, start, startOnce} from './cold-start.ts'
import {type Counterparts, startCounterparts} from './counterparts.ts'
import {runAsFirstEdition} from './first-edition-run.ts'
import {type Group, inTurn, median, type Row} from './row.ts'

/** Jobs of one call each, with the goals of their kind. */
const measured = [
  {name: 'daily-stale-cleanup', kind: 'idempotent', limit: 0.45},
  {name: 'daily-alerts', kind: 'not idempotent', limit: 0.65},
] as const
/** As `connect` has it for the cloud. */
const pace = {nearMilliseconds: 250, farMilliseconds: 5000}

/** What an operator waits for in the cloud: staged functions and the command's own waiting, on a BigQuery of the cloud's pace. */
export const cloudRows: Group = {
  name: 'cloud',
  async measure({runs, tell}) {
    const root = await mkdtemp(join(tmpdir(), 'bench-cloud-'))
    const counterparts = await startCounterparts()
    const cloud = await startCloudBigQuery()
    const running: Started[] = []
    try {
      const functions = await startFunctions({root, counterparts, cloud, running})
      const bigQuery = createBigQuery({projectId: cloudProject, url: cloud.url})
      const taken = await inTurn<string, number>(runs, {
        baseline: round => {
          tell(`publish to outcome, round ${round} of ${runs}`)
          return runAsFirstEdition(bigQuery, `bench-${round}`)
        },
        ...Object.fromEntries(
          functions.flatMap(({job, push}) => [
            [
              `${job.name} first`,
              (round: number) => waitForOutcome(cloud, {job, push, runId: `${job.name}@first-${round}`}),
            ],
            [
              `${job.name} again`,
              async (round: number) => {
                const runId = `${job.name}@again-${round}`
                await writeFailedAttempt(cloud, job, runId)
                return waitForOutcome(cloud, {job, push, runId, isRedelivery: true})
              },
            ],
          ]),
        ),
      })
      const baseline = median(taken['baseline'] ?? [])
      const toRow = (what: string, limit: number, samples: readonly number[] = []): Row => ({
        what,
        baseline: `read, claim, outcome in turn, asked for every 2 s: ${(baseline / 1000).toFixed(1)} s`,
        goal: {limit, is: 'at most'},
        figure: `${(median(samples) / 1000).toFixed(2)} s`,
        value: median(samples) / baseline,
        runs,
      })
      return measured.flatMap(({name, kind, limit}) => [
        toRow(`Cloud: publish to outcome, ${kind}`, limit, taken[`${name} first`]),
        toRow(`Cloud: redelivery to outcome, ${kind}`, limit, taken[`${name} again`]),
      ])
    } finally {
      await Promise.all(running.map(({kill}) => kill()))
      await cloud.stop()
      await counterparts.stop()
      await rm(root, {recursive: true})
    }
  },
}

type ServedJob = {readonly job: Job; readonly push: Started['push']}

async function startFunctions(options: {
  readonly root: string
  readonly counterparts: Counterparts
  readonly cloud: CloudBigQuery
  readonly running: Started[]
}): Promise<ServedJob[]> {
  const {root, counterparts, cloud, running} = options
  const jobs = await loadCatalogue()
  const commandOf = async (job: Job) => {
    const {folder} = await bundleFunction(job, root, {migrationsFolder: sampleMigrations})
    return [join(folder, 'framework/main.mjs')]
  }
  const find = (name: string) => {
    const job = jobs.find(candidate => candidate.name === name)
    if (job === undefined) throw new Error(`there is no ${name}`)
    return job
  }
  const bootstrap = find('bootstrap')
  await startOnce(await commandOf(bootstrap), {env: counterparts.envOf(bootstrap)}, toBody(bootstrap, 'bootstrap@1'))
  return Promise.all(
    measured.map(async ({name}) => {
      const job = find(name)
      const started = await start(await commandOf(job), {
        env: {...counterparts.envOf(job), BIGQUERY_EMULATOR_HOST: cloud.url},
      })
      running.push(started)
      return {job, push: started.push}
    }),
  )
}

function toBody(job: Job, runId: string, publishedAt = new Date()) {
  return toPushBody({
    messageId: `m-${runId}`,
    attributes: {job: job.name, runId, trigger: 'manual', requestedBy: 'bench'},
    subscription: job.functionName,
    publishTime: publishedAt.toISOString(),
  })
}

/** @returns ms from publishing until the command's wait ended. */
async function waitForOutcome(
  cloud: CloudBigQuery,
  {job, push, runId, isRedelivery = false}: ServedJob & {readonly runId: string; readonly isRedelivery?: boolean},
): Promise<number> {
  const bigQuery = createBigQuery({projectId: cloudProject, url: cloud.url})
  const publishedAt = new Date(isRedelivery ? Date.now() - 15_000 : Date.now())
  const from = performance.now()
  const delivered = timers.setTimeout(cloudTimes.push).then(() => push(toBody(job, runId, publishedAt)))
  const progress = await waitForRun({
    ledger: createRunLedger(bigQuery),
    ledgerVersion: () => readLedgerVersion(bigQuery),
    pace,
    runId,
    publishedAt: new Date(0),
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onTrouble: error => {
      throw error
    },
  })
  const milliseconds = performance.now() - from
  await delivered
  if (progress.state !== 'over' || !/succeeded|skipped/.test(progress.entry.event)) {
    throw new Error(`${runId}: ${JSON.stringify(progress)}`)
  }
  return milliseconds
}

/** What a first delivery left that failed in a way that passes. */
async function writeFailedAttempt({instantLedger}: CloudBigQuery, job: Job, runId: string): Promise<void> {
  const at = Date.now() - 12_000
  const entry = (event: 'started' | 'failed', seconds: number) =>
    createEntry({
      runId,
      job: job.name,
      event,
      messageId: `m-${runId}`,
      at: new Date(at + seconds * 1000).toISOString(),
      ...(event === 'started'
        ? {leaseUntil: new Date(at + 120_000)}
        : {
            error: {
              name: 'UnavailableError',
              message: 'the API is down',
              details: [],
              disposition: 'transient' as const,
            },
          }),
    })
  const claim = await instantLedger.claim(entry('started', 0))
  if (claim.kind === 'claimed') await claim.written
  await instantLedger.record(entry('failed', 1))
}
