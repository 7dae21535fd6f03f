import assert from 'node:assert/strict'
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {runDeploy} from '../../support/run-deploy.ts'

describe('npm run deploy', function () {
  this.timeout(60_000)
  let home: string

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'deploy-'))
  })
  after(() => rm(home, {recursive: true}))

  it('says what to install where there is no gcloud', async () => {
    const {code, stderr} = await runDeploy(['stage', '--plan', '--only', 'alerts'], {env: {PATH: home, HOME: home}})
    assert.equal(code, 2)
    assert.match(stderr, /gcloud is not installed on this machine: install it from \S+, then run `gcloud auth login`/)
  })

  it('says that nobody is logged in before it bundles anything, from a gcloud whose path has blanks', async () => {
    const folder = join(home, "Program Files (x86)/it's gcloud")
    const log = join(home, 'asked.txt')
    await mkdir(folder, {recursive: true})
    const script = `#!/bin/sh\necho "$@" >> '${log}'\necho '[]'\n`
    await writeFile(join(folder, 'gcloud'), script, {mode: 0o755})
    // As npm sets it: the help has nothing on a login.
    const env = {PATH: `${folder}:${process.env['PATH']}`, HOME: home, npm_lifecycle_event: 'deploy'}
    const {code, stderr, stdout} = await runDeploy(['stage', '--only', 'alerts'], {env})
    assert.equal(code, 2, stderr)
    assert.equal(
      stderr,
      'asking gcloud who is logged in\ngcloud is not logged in: run `gcloud auth login`, then again\n',
    )
    assert.equal(stdout, '')
    assert.equal(
      await readFile(log, 'utf8'),
      'auth list --filter=status:ACTIVE --format=json --project=cloudact-testing-1 --quiet\n',
    )
  })

  it('refuses what it can not mean, before it looks at anything', async () => {
    const env = {PATH: home, HOME: home}
    const refused = async (args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
      const {code, stderr} = await runDeploy(args, {env: {...env, ...more}})
      assert.equal(code, 2, stderr)
      return stderr
    }
    const [order, local, job, both, settings, migrate, offLimits, empty] = await Promise.all([
      refused(['--only', 'alerts', 'bootstrap', 'prod', '--plan']),
      refused(['local']),
      refused(['stage', '--only', 'bootstap']),
      refused(['stage', '--only', 'alerts', '--remove-legacy']),
      refused(['stage'], {
        ALERT_EMAIL: 'nobody',
        ALERT_SLACK: 'ops',
        BIGQUERY_EMULATOR_HOST: 'http://example.com',
        API_SERVICE_URL: 'https://10.0.0.1/',
      }),
      refused(['stage', '--only', 'migrate']),
      refused(['stage', '--only', 'migrate'], {SUPABASE_MIGRATIONS_DIR: '/Users/GuruKallam/migrations'}),
      refused(['stage', '--only', 'migrate'], {SUPABASE_MIGRATIONS_DIR: home}),
    ])
    assert.match(
      order,
      /prod is an environment, which comes first: npm run deploy -- prod --only daily-alerts bootstrap --plan/,
    )
    assert.match(settings, /API_SERVICE_URL must be an https URL of a public host/)
    assert.match(local, /local needs no deployment/)
    assert.match(job, /there is no job "bootstap": did you mean bootstrap\?/)
    assert.match(both, /--remove-legacy is about the whole project: leave out --only/)
    assert.match(settings, /ALERT_EMAIL is not an e-mail address/)
    assert.match(settings, /ALERT_SLACK is not a Slack channel/)
    assert.match(settings, /BIGQUERY_EMULATOR_HOST may only point to this machine/)
    assert.match(migrate, /supabase-migrate is not deployed: set SUPABASE_MIGRATIONS_DIR to the folder/)
    assert.match(offLimits, /SUPABASE_MIGRATIONS_DIR leads below \/Users\/gurukallam/)
    assert.match(empty, /holds no \*\.sql file/)
  })
})
