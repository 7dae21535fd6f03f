import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {cp, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {loadCatalogue, projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {writeNewFiles} from '../../../deploy/new/new.ts'
import {newFiles} from '../../../deploy/new/new-files.ts'
import {planNewJob} from '../../../deploy/new/new-job.ts'
import type {Job} from '../../../lib/job/job.ts'
import {toMessageText} from '../../../lib/log/error-text.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const execute = promisify(execFile)

describe('npm run new', () => {
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  it('names everything after the path, and takes a minute that no other job has', () => {
    const job = planNewJob('daily/cost-report', jobs, projectRoot)
    assert.partialDeepStrictEqual(job, {
      name: 'daily-cost-report',
      functionName: 'cloudact-daily-cost-report',
      path: 'functions/daily/cost-report.ts',
      method: 'runDailyCostReport',
      shortcuts: ['cost-report'],
    })
    assert.ok(jobs.every(({schedule}) => schedule !== job.schedule))
    assert.match(planNewJob('monthly/cost-report', jobs, projectRoot).schedule ?? '', /^\d+ \d+ 1 \* \*$/)
    const manual = planNewJob('manual/cost-report', jobs, projectRoot)
    assert.deepEqual([manual.schedule, manual.shortcuts], [undefined, []])
  })

  it('takes the next minute where that is taken, and no shortcut that is', () => {
    const first = planNewJob('daily/cost-report', jobs, projectRoot)
    const other = createSampleJob({
      path: 'functions/daily/other.ts',
      schedule: first.schedule ?? '',
      shortcuts: ['cost-report'],
    })
    const second = planNewJob('daily/cost-report', [...jobs, other], projectRoot)
    assert.notEqual(second.schedule, first.schedule)
    assert.deepEqual(second.shortcuts, [])
  })

  for (const path of ['cost-report', 'hourly/cost-report', 'daily/Cost', 'daily/../x', `daily/${'x'.repeat(60)}`, '']) {
    it(`refuses ${JSON.stringify(path).slice(0, 30)}, and says what is a place for a job`, () => {
      assert.throws(() => planNewJob(path, jobs, projectRoot), {name: 'UsageError', message: /daily\/<name>, monthly/})
    })
  }

  it('refuses a job that is there already', () => {
    for (const path of ['daily/alerts', 'functions/daily/alerts.ts', 'manual/bootstrap']) {
      assert.throws(() => planNewJob(path, jobs, projectRoot), {name: 'UsageError', message: /already/})
    }
  })

  it('names the job whose shortcut a new name would be, by the file that is there', () => {
    assert.throws(() => planNewJob('manual/alerts', jobs, projectRoot), {
      name: 'UsageError',
      message: 'alerts is a shortcut of the job daily-alerts (functions/daily/alerts.ts): choose another name',
    })
  })

  it('says once what is a place for a job', () => {
    assert.throws(
      () => planNewJob('weekly/foo', jobs, projectRoot),
      error => toMessageText(error).match(/is no place for a job/g)?.length === 1,
    )
  })

  it('shows its help, and the files of a dry run', async () => {
    const type = (...argv: string[]) =>
      execute(process.execPath, ['deploy/commands/new.ts', ...argv], {cwd: projectRoot})
    assert.match((await type('--help')).stdout, /^Usage: npm run new -- \[options\] <job>/)
    const {stdout} = await type('daily/cost-report', '--dry-run')
    assert.match(stdout, /^Dry run, nothing is written\..*\n {2}functions\/daily\/cost-report\.ts$/m)
    await assert.rejects(type('daily'), {code: 2})
  })

  describe('in a copy of the project', () => {
    let root: string
    before(async function () {
      this.timeout(60_000)
      root = await mkdtemp(join(tmpdir(), 'new-'))
      for (const name of [
        'functions',
        'lib',
        'deploy',
        'test/support',
        'tsconfig.json',
        'package.json',
        '.biome.json',
      ]) {
        await cp(join(projectRoot, name), join(root, name), {recursive: true})
      }
      await symlink(join(projectRoot, 'node_modules'), join(root, 'node_modules'))
    })
    after(() => rm(root, {recursive: true}))

    it('makes files that the checks accept, whose test passes, beside two more jobs', async function () {
      this.timeout(120_000)
      const made = ['daily/cost-report', 'monthly/usage-report', 'manual/data-check'].map(path =>
        newFiles(planNewJob(path, jobs, root)),
      )
      for (const files of made) await writeNewFiles(files, root)
      const paths = made.flat().map(({path}) => path)
      const run = (tool: string, ...argv: string[]) =>
        execute(process.execPath, [join(root, 'node_modules', tool), ...argv], {cwd: root})
      await Promise.all([
        run('@biomejs/biome/bin/biome', 'check', '--vcs-enabled=false', '--error-on-warnings', ...paths),
        run('typescript/bin/tsc', '--noEmit', '-p', await writeTypeConfiguration(paths)),
        run(
          'mocha/bin/mocha.js',
          ...['--no-config', '--require', './test/support/root-hooks.ts', '--timeout', '60000'],
          ...paths.filter(path => path.startsWith('test/')),
        ),
      ]).catch((error: Error & {stdout?: string}) => assert.fail(`${error.message}\n${error.stdout}`))
      const names = (await loadCatalogue(`${root}/`)).map(({name}) => name)
      for (const name of ['daily-cost-report', 'monthly-usage-report', 'data-check']) assert.ok(names.includes(name))
    })

    it('writes nothing where one of the files is there', async () => {
      const files = newFiles(planNewJob('daily/other-report', jobs, root))
      const [first, second] = files
      await writeFile(join(root, second?.path ?? ''), 'mine')
      await assert.rejects(writeNewFiles(files, root), {name: 'UsageError', message: /other-report\.test\.ts$/})
      await assert.rejects(readFile(join(root, first?.path ?? '')), {code: 'ENOENT'})
      assert.equal(await readFile(join(root, second?.path ?? ''), 'utf8'), 'mine')
    })

    /** Of the new files alone, and the operations that they add to: all of the project takes longer. */
    async function writeTypeConfiguration(paths: readonly string[]): Promise<string> {
      const path = join(root, 'tsconfig.new.json')
      const {compilerOptions} = JSON.parse(await readFile(join(root, 'tsconfig.json'), 'utf8'))
      await writeFile(path, JSON.stringify({compilerOptions, include: [...paths, 'lib/admin-api']}))
      return path
    }
  })
})
