import assert from 'node:assert/strict'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Cron} from 'croner'
import * as z from 'zod'
import {findJob, loadCatalogue, projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {pushSubscriptionsOf, topicsOf} from '../../../deploy/catalogue/subscriptions.ts'
import {commandNames, type Job} from '../../../lib/job/job.ts'
import {parseFunctionTarget} from '../../../lib/job/job-name.ts'
import {parseArgs, parseData} from '../../../lib/run/message.ts'
import {runScript} from '../../support/run-script.ts'

/** Jobs that the owner named: what each one's context line is, and how often it comes. Others may be beside them. */
const designed: Readonly<Record<string, {context: string; schedule?: string; shortcuts: string[]; secret?: string}>> = {
  'supabase-migrate': {
    context: 'OpenClaw running Supabase schema migrations',
    shortcuts: ['migrate'],
    secret: 'SUPABASE_ACCESS_TOKEN',
  },
  bootstrap: {
    context: 'OpenClaw initializing CloudAct BigQuery infrastructure',
    shortcuts: ['bootstrap-sync', 'bootstrap-smart'],
    secret: 'CA_ROOT_API_KEY',
  },
  'org-sync-all': {
    context: 'OpenClaw syncing all organization datasets',
    shortcuts: ['org-sync'],
    secret: 'CA_ROOT_API_KEY',
  },
  'daily-quota-reset': {
    context: 'OpenClaw maintaining quota system health',
    schedule: '0 0 * * *',
    shortcuts: ['quota-reset', 'quota-reset-daily', 'quota-daily'],
    secret: 'CA_ROOT_API_KEY',
  },
  'daily-quota-cleanup': {
    context: 'OpenClaw maintaining quota system health',
    schedule: '0 1 * * *',
    shortcuts: ['quota-cleanup'],
  },
  'daily-stale-cleanup': {
    context: 'OpenClaw self-healing concurrent counters',
    schedule: '0 2 * * *',
    shortcuts: ['stale-cleanup', 'stale'],
    secret: 'CA_ROOT_API_KEY',
  },
  'daily-alerts': {
    context: 'OpenClaw processing cost alerts for all orgs',
    schedule: '0 8 * * *',
    shortcuts: ['alerts'],
    secret: 'CA_ROOT_API_KEY',
  },
  'daily-pipelines': {
    context: 'OpenClaw running cost pipelines for all orgs',
    schedule: '0 6 * * *',
    shortcuts: ['pipelines'],
    secret: 'CA_ROOT_API_KEY',
  },
  'monthly-quota-reset': {
    context: 'OpenClaw maintaining quota system health',
    schedule: '5 0 1 * *',
    shortcuts: ['quota-monthly', 'quota-reset-monthly'],
    secret: 'CA_ROOT_API_KEY',
  },
}

describe('the catalogue', () => {
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  it('has a job for each file, named after its path', () => {
    assert.ok(jobs.length > 0)
    for (const job of jobs) {
      assert.equal(parseFunctionTarget(job.functionName).path, job.path)
      assert.equal(job.path, `functions/${job.group}/${job.name.replace(`${job.group}-`, '')}.ts`)
      assert.ok(job.functionName.length <= 63)
    }
  })

  it('has the jobs that the owner named, as he named them', () => {
    for (const [name, {context, schedule, shortcuts, secret}] of Object.entries(designed)) {
      const job = jobs.find(job => job.name === name) ?? assert.fail(`${name} is not there`)
      assert.deepEqual([job.context, job.schedule], [context, schedule], job.name)
      for (const shortcut of shortcuts)
        assert.ok(commandNames(job).includes(shortcut), `${job.name} is not ${shortcut}`)
      assert.deepEqual(job.secrets, secret === undefined ? [] : [secret], job.name)
    }
  })

  it('lets nothing be repeated by itself that sends, triggers or wipes something, but dry runs of it', () => {
    for (const name of ['alerts', 'pipelines', 'quota-monthly']) {
      assert.equal(findJob(jobs, name).isIdempotent({dryRun: false}), false, name)
    }
    for (const name of ['alerts', 'pipelines'])
      assert.equal(findJob(jobs, name).isIdempotent({dryRun: true}), true, name)
    for (const name of ['bootstrap', 'org-sync-all', 'migrate', 'quota-reset', 'quota-cleanup', 'stale']) {
      assert.equal(findJob(jobs, name).isIdempotent({}), true, name)
    }
  })

  it('says of each job that may not be repeated what to check when its outcome is unknown', () => {
    for (const job of jobs) {
      if (!job.isIdempotent(job.args.parse({}))) assert.ok((job.manualCheck ?? '').length > 20, job.name)
    }
  })

  it('gives a scheduled job a topic of its own, and all release jobs one', () => {
    const scheduled = jobs.filter(({group}) => group !== 'manual')
    assert.equal(new Set(scheduled.map(({topic}) => topic)).size, scheduled.length)
    for (const job of jobs) assert.equal(job.topic, job.group === 'manual' ? 'manual-jobs' : job.functionName)
    for (const topic of topicsOf(jobs)) assert.match(topic, /^[a-z][a-z0-9-]{2,254}$/)
  })

  it('has schedules that come, and no two jobs at the same minute', () => {
    const schedules = jobs.flatMap(({schedule}) => (schedule === undefined ? [] : [schedule]))
    for (const schedule of schedules) assert.ok(new Cron(schedule, {timezone: 'UTC', paused: true}).nextRun() !== null)
    assert.equal(new Set(schedules).size, schedules.length)
  })

  it('finds each job by each of its names, and by no other', () => {
    for (const job of jobs) {
      for (const name of commandNames(job)) assert.equal(findJob(jobs, name), job)
      assert.ok(commandNames(job).includes(job.functionName.replace('cloudact-', '')))
    }
  })

  for (const name of [
    'billing-sync-retry',
    'billing-retry',
    'cloudact-billing-sync-retry',
    'cloudact-5min-billing-sync-retry',
    'billing-sync-reconcile',
    'billing-reconcile',
    'cloudact-daily-billing-reconcile',
    'reconcile',
  ]) {
    it(`says of ${name} why it is gone, and offers no other job`, () => {
      assert.throws(() => findJob(jobs, name), {
        name: 'UsageError',
        message: `the job "${name}" is retired, and nothing replaces it: subscriptions live in Supabase now, and there is nothing left to sync or reconcile`,
      })
    })
  }

  it('has jobs that take a message without arguments, and no argument that they do not know', () => {
    for (const job of jobs) {
      parseArgs(job.args, parseData(Buffer.from('{}')))
      assert.throws(() => parseArgs(job.args, {noSuchArgument: 1}), {name: 'InvalidMessageError'}, job.name)
    }
  })

  it('says what every argument is for', () => {
    for (const job of jobs) {
      assert.match(job.summary, /^[A-Z].*\.$/, job.name)
      for (const [key, schema] of Object.entries(job.args.shape)) {
        assert.ok(schema instanceof z.ZodType && (schema.description ?? '') !== '', `${job.name} ${key}`)
      }
    }
  })

  it('has a push subscription for each job', () => {
    const subscriptions = pushSubscriptionsOf(jobs)
    for (const job of jobs) {
      const own = subscriptions.filter(
        ({functionName, topic, name}) =>
          name === functionName && functionName === job.functionName && topic === job.topic,
      )
      assert.equal(own.length, 1, job.name)
    }
  })

  it('comes into being without effect: nothing is read, registered, printed or left running', async () => {
    const script = `
      const read = new Set()
      process.env = new Proxy(process.env, {get: (target, name) => (read.add(name), target[name])})
      for (const path of ${JSON.stringify(jobs.map(({path}) => path))}) await import('./' + path)
      const known = /^(GCP_PROJECT_ID|ENVIRONMENT|FUNCTION_TARGET|.*_(KEY|TOKEN|URL|HOST|KEEP|DIR|SECONDS))$/
      const loaded = Object.keys((await import('node:module')).default._cache)
      if ([...read].some(name => known.test(String(name)))) throw new Error('read ' + [...read])
      if (loaded.some(path => path.includes('functions-framework'))) throw new Error('registered')
    `
    assert.deepEqual(await runScript(script, {CA_ROOT_API_KEY: 'x', NODE_ENV: 'test'}), {
      stdout: '',
      stderr: '',
      exitCode: 0,
    })
  })
})

describe('loadCatalogue', () => {
  let root: string
  beforeEach(async () => {
    root = `${await mkdtemp(join(tmpdir(), 'catalogue-'))}/`
  })
  afterEach(() => rm(root, {recursive: true}))

  async function write(path: string, schedule?: string, shortcut = 'x'): Promise<void> {
    await mkdir(join(root, path, '..'), {recursive: true})
    const declaration = `{summary: 's', context: 'c', shortcuts: ['${shortcut}'], args: {}, secrets: [], schedule: ${JSON.stringify(schedule)}}`
    await writeFile(join(root, path), path.includes('empty') ? 'export const a = 1' : `export default ${declaration}`)
  }

  it('takes one new file for one more job', async () => {
    await write('functions/daily/report.ts', '0 3 * * *')
    assert.deepEqual(
      (await loadCatalogue(root)).map(({name}) => name),
      ['daily-report'],
    )
  })

  it('refuses a file that declares nothing, and names it', async () => {
    await write('functions/manual/empty.ts')
    await assert.rejects(loadCatalogue(root), {
      name: 'ConfigurationError',
      message: /functions\/manual\/empty\.ts has no default export/,
    })
  })

  it('refuses a file where no job belongs, and jobs that contradict each other', async () => {
    await write('functions/manual/a.ts')
    await write('functions/manual/b.ts')
    await assert.rejects(loadCatalogue(root), /"x" belongs to functions\/manual\/a\.ts already/)
    await write('functions/weekly/report.ts', '0 3 * * 1', 'y')
    await assert.rejects(loadCatalogue(root), /functions\/weekly\/report\.ts is no place for a job/)
  })
})

describe('findJob', () => {
  it('lists all jobs where there is none, the nearest first', async () => {
    const jobs = await loadCatalogue(projectRoot)
    for (const [typed, nearest] of [
      ['boostrap', 'bootstrap'],
      ['alert', 'daily-alerts'],
      ['quota-resett', 'daily-quota-reset'],
      ['mothly-quota-reset', 'monthly-quota-reset'],
    ] as const) {
      assert.throws(
        () => findJob(jobs, typed),
        (error: Error) => {
          const lines = error.message.split('\n')
          assert.equal(lines[0], 'The jobs and their names, the nearest first:')
          assert.equal(lines.at(-1), `there is no job "${typed}": did you mean ${nearest}?`)
          assert.ok(lines[1]?.startsWith(`  ${nearest}, `), lines[1])
          assert.equal(lines.length, jobs.length + 2)
          return error.name === 'UsageError'
        },
      )
    }
  })

  it('takes for a mistyped name only what is nearly one', async () => {
    const jobs = await loadCatalogue()
    for (const name of ['xyz', 'nonsense', 'q', 'daily', 'supabase-bootstrap', ''])
      assert.throws(() => findJob(jobs, name), {
        name: 'UsageError',
        message: new RegExp(`\nthere is no job "${name}"$`),
      })
  })

  it('says what became of a retired name, and what an environment in a job’s place means', async () => {
    const jobs = await loadCatalogue()
    for (const name of ['quota-5min', '15min-stale', 'cloudact-5min-quota', 'billing', 'billing-sync', 'daily-billing'])
      assert.throws(() => findJob(jobs, name), /\nthere is no job ".*" any more: retired: .+$/)
    assert.throws(() => findJob(jobs, 'prod'), /\n"prod" is an environment, not a job: write it before --only/)
  })

  it('knows no name that every object has', async () => {
    const jobs = await loadCatalogue()
    for (const name of ['constructor', '__proto__', 'toString', ''])
      assert.throws(() => findJob(jobs, name), {name: 'UsageError'})
  })
})
