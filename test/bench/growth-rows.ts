import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {loadCatalogue, projectRoot} from '../../deploy/catalogue/catalogue.ts'
import {findStatus} from '../../deploy/list/find-status.ts'
import {type Sandbox, startSandbox} from '../../deploy/local/sandbox.ts'
import type {Job} from '../../lib/job/job.ts'
import {deadLettersTopic} from '../../lib/job/job-name.ts'
import {toDeadLetter} from '../../lib/run/dead-letter.ts'
import {createMessagePublisher} from '../../lib/run/message-publisher.ts'
import {createEntry} from '../support/ledger-entry.ts'
import {createMemoryLedger} from '../support/memory-ledger.ts'
import {runCommandTimed} from './command-rows.ts'
import {type Group, inTurn, median, type Row} from './row.ts'

/** Ten times what the schedule of this project writes. */
const entriesADay = 100
const sizes = [10_000, 100_000, 1_000_000] as const
const letters = [10, 1000] as const
/** A hundred times as much may cost half as much again: what is shown is the same. */
const limit = 1.5

/** How what is shown costs more when there is more that isn't shown. */
export const growthRows: Group = {
  name: 'growth',
  async measure({runs, tell}) {
    const root = await mkdtemp(join(tmpdir(), 'bench-growth-'))
    const sandboxes: Sandbox[] = []
    const open = async (name: string): Promise<World> => {
      const folder = join(root, name)
      const sandbox = await startSandbox({folder, jobs: await loadCatalogue()})
      sandboxes.push(sandbox)
      return {folder, sandbox}
    }
    try {
      const rows: Row[] = []
      const worlds = new Map<string, World>()
      for (const size of sizes) {
        tell(`a ledger of ${size.toLocaleString('en')} entries`)
        const world = await open(`ledger-${size}`)
        await fillLedger(world.sandbox, size)
        worlds.set(String(size), world)
      }
      for (const [what, measure] of Object.entries(views)) {
        tell(`${what}, ${runs} rounds`)
        const taken = await inTurn(
          runs,
          Object.fromEntries([...worlds].map(([size, world]) => [size, () => measure(world)])),
        )
        rows.push(...sizes.slice(1).map(size => toRow(what, {taken, small: sizes[0], size, of: 'entries', runs})))
      }
      const withLetters = new Map<string, World>()
      for (const count of letters) {
        const world = await open(`letters-${count}`)
        await fillDeadLetters(world.sandbox, count)
        withLetters.set(String(count), world)
      }
      tell(`dead letters, ${runs} rounds`)
      const taken = await inTurn(
        runs,
        Object.fromEntries(
          [...withLetters].map(([count, {folder}]) => [count, () => runLocal(folder, ['list', 'local'])]),
        ),
      )
      rows.push(toRow('list local', {taken, small: letters[0], size: letters[1], of: 'dead letters', runs}))
      tell(`50 jobs, ${runs} rounds`)
      rows.push(await measureJobs(runs))
      return rows
    } finally {
      await Promise.all(sandboxes.map(({stop}) => stop()))
      await rm(root, {recursive: true})
    }
  },
}

type World = {readonly folder: string; readonly sandbox: Sandbox}

const runLocal = (folder: string, words: readonly string[]) =>
  runCommandTimed(process.execPath, ['deploy/start.mjs', ...words], {folder, code: 0})

/** @returns ms */
const views: Readonly<Record<string, (world: World) => Promise<number>>> = {
  'list local': ({folder}) => runLocal(folder, ['list', 'local']),
  'runs local, a week': ({folder}) => runLocal(folder, ['runs', 'local']),
  'runs local, the history of one run': async ({folder, sandbox}) => {
    const [row] = await sandbox.bigQuery.execute(
      `SELECT min(run_id) AS id FROM scheduler_jobs.job_runs WHERE "at" > now() - INTERVAL 2 DAY`,
    )
    return runLocal(folder, ['runs', 'local', String(row?.['id'])])
  },
  "the console's first view": ({folder}) => measureConsole(folder),
}

function toRow(
  what: string,
  given: {
    readonly taken: Readonly<Record<string, readonly number[]>>
    readonly small: number
    readonly size: number
    readonly of: string
    readonly runs: number
  },
): Row {
  const {taken, small, size, of, runs} = given
  const [before, after] = [small, size].map(key => median(taken[String(key)] ?? [])) as [number, number]
  return {
    what: `Growth: ${what}, ${size.toLocaleString('en')} ${of}`,
    baseline: `${small.toLocaleString('en')}: ${before.toFixed(0)} ms`,
    goal: {limit, is: 'at most'},
    figure: `${after.toFixed(0)} ms`,
    value: after / before,
    runs,
  }
}

/** Runs of two entries each, back from now, under the run ids of slots. */
async function fillLedger({bigQuery}: Sandbox, entries: number): Promise<void> {
  await bigQuery.execute(`INSERT INTO scheduler_jobs.job_runs BY NAME SELECT
    'daily-alerts@' || strftime(now() AT TIME ZONE 'UTC' - to_milliseconds(CAST((n // 2 * 2 + 2) * ${86_400_000 / entriesADay} AS BIGINT)), '%Y-%m-%dT%H:%MZ') AS run_id,
    'daily-alerts' AS job, 1 AS attempt, 1 AS part,
    CASE n % 2 WHEN 1 THEN 'started' ELSE 'succeeded' END AS event,
    now() - to_milliseconds(CAST((n + 1) * ${86_400_000 / entriesADay} AS BIGINT)) AS at,
    'm-' || (n // 2) AS message_id, 'manual' AS trigger, 'bench' AS requested_by, '{}' AS args,
    CASE n % 2 WHEN 0 THEN 'no alert is due' END AS summary, '1.0.0' AS version
    FROM range(${entries}) AS numbers(n)`)
}

/** Letters of runs that the ledger knows to have failed. */
async function fillDeadLetters({addresses, bigQuery}: Sandbox, count: number): Promise<void> {
  const publisher = createMessagePublisher({projectId: 'cloudact-local', host: addresses.pubSubHost})
  const firstAt = new Date(Date.now() - 3_600_000)
  const ids = await Promise.all(
    Array.from({length: count}, (_, index) =>
      publisher.publish(
        deadLettersTopic,
        toDeadLetter(
          {data: Buffer.from('{}'), attributes: {job: 'bootstrap', runId: `bootstrap@L${index}`}},
          {
            job: 'bootstrap',
            runId: `bootstrap@L${index}`,
            sourceTopic: 'manual-jobs',
            kind: 'permanent',
            reason: 'the API said no',
            error: 'RejectedError',
            attempts: 1,
            firstAt,
            lastAt: firstAt,
            replays: 0,
            messageId: `m-${index}`,
            requestId: undefined,
            attempt: 1,
          },
        ),
      ),
    ),
  )
  await publisher.close()
  const error = `'{"name": "RejectedError", "message": "the API said no", "details": [], "disposition": "permanent", "kind": "permanent", "deadLetterId": "' || id || '"}'`
  await bigQuery.execute(`INSERT INTO scheduler_jobs.job_runs BY NAME SELECT
    'bootstrap@L' || (row_number() OVER () - 1) AS run_id, 'bootstrap' AS job, 1 AS attempt, 1 AS part, 'failed' AS event,
    now() - INTERVAL 1 HOUR AS at, 'm' AS message_id, 'manual' AS trigger, 'bench' AS requested_by, '{}' AS args,
    ${error} AS error, '1.0.0' AS version FROM (SELECT unnest([${ids.map(id => `'${id}'`).join(', ')}]) AS id)`)
}

/** @returns ms from the first request to the whole of the first view; the console is up by then. */
async function measureConsole(folder: string): Promise<number> {
  const {HOME = '', PATH = ''} = process.env
  const child = spawn(process.execPath, ['deploy/start.mjs', 'console', 'local'], {
    cwd: projectRoot,
    env: {HOME, PATH, SANDBOX_FOLDER: folder},
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    const [line] = (await once(createInterface({input: child.stdout}), 'line')) as [string]
    const {origin, hash} = new URL(line)
    const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
    const from = performance.now()
    const response = await fetch(`${origin}/api/overview`, {headers: {'x-console-token': token}})
    await response.json()
    if (response.status !== 200) throw new Error(`the console answered ${response.status}`)
    return performance.now() - from
  } finally {
    child.kill('SIGINT')
    await once(child, 'close')
  }
}

/** In one process: a catalogue of 50 jobs can't be had otherwise. */
async function measureJobs(runs: number): Promise<Row> {
  const catalogue = await loadCatalogue()
  const many = Array.from({length: 50}, (_, index): Job => {
    const job = catalogue[index % catalogue.length]
    if (job === undefined) throw new Error('there are no jobs')
    return {...job, name: `${job.name}-${index}`}
  })
  const nothing = async () => new Map<string, never>()
  const refuse = async () => {
    throw new Error('nothing is changed here')
  }
  const statusOf = async (jobs: readonly Job[]) => {
    const ledger = createMemoryLedger()
    for (const job of jobs) {
      for (let run = 0; run < 40; run += 1) {
        const at = new Date(Date.now() - run * 86_400_000).toISOString()
        const runId = `${job.name}@${run}`
        ledger.entries.push(
          createEntry({runId, job: job.name, at}),
          createEntry({runId, job: job.name, event: 'succeeded', at}),
        )
      }
    }
    ledger.entries.sort((a, b) => a.at.getTime() - b.at.getTime())
    const from = performance.now()
    await findStatus({
      jobs,
      ledger,
      queue: {peek: async () => ({deadLetters: [], isBounded: false}), hold: refuse},
      schedules: {states: nothing, deployedSince: nothing, pausedSince: nothing, pause: refuse, resume: refuse},
      now: () => new Date(),
      signal: new AbortController().signal,
    })
    return performance.now() - from
  }
  const taken = await inTurn(runs, {few: () => statusOf(catalogue), many: () => statusOf(many)})
  const [few, fifty] = [median(taken.few), median(taken.many)]
  return {
    what: "Growth: list's own work, 50 jobs",
    baseline: `${catalogue.length} jobs, a job: ${(few / catalogue.length).toFixed(2)} ms`,
    goal: {limit, is: 'at most'},
    figure: `a job: ${(fifty / 50).toFixed(2)} ms`,
    value: fifty / 50 / (few / catalogue.length),
    runs,
  }
}
