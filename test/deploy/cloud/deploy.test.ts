import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
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
    assert.equal(code, 1)
    assert.match(stderr, /gcloud is not installed on this machine: install it from \S+, then run `gcloud auth login`/)
  })

  it('refuses what it can not mean, before it looks at anything', async () => {
    const env = {PATH: home, HOME: home}
    const refused = async (args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
      const {code, stderr} = await runDeploy(args, {env: {...env, ...more}})
      assert.equal(code, 2, stderr)
      return stderr
    }
    const [local, job, both, settings, migrate, offLimits, empty] = await Promise.all([
      refused(['local']),
      refused(['stage', '--only', 'bootstap']),
      refused(['stage', '--only', 'alerts', '--remove-legacy']),
      refused(['stage'], {ALERT_EMAIL: 'nobody', ALERT_SLACK: 'ops', BIGQUERY_EMULATOR_HOST: 'http://example.com'}),
      refused(['stage', '--only', 'migrate']),
      refused(['stage', '--only', 'migrate'], {SUPABASE_MIGRATIONS_DIR: '/Users/GuruKallam/migrations'}),
      refused(['stage', '--only', 'migrate'], {SUPABASE_MIGRATIONS_DIR: home}),
    ])
    assert.match(local, /local needs no deployment/)
    assert.match(job, /there is no job "bootstap"\. The jobs and their names, the nearest first:\n {2}bootstrap/)
    assert.match(both, /--remove-legacy looks at everything: leave out --only/)
    assert.match(settings, /ALERT_EMAIL is no e-mail address/)
    assert.match(settings, /ALERT_SLACK is no Slack channel/)
    assert.match(settings, /BIGQUERY_EMULATOR_HOST may only point to this machine/)
    assert.match(migrate, /supabase-migrate is not deployed: set SUPABASE_MIGRATIONS_DIR to the folder/)
    assert.match(offLimits, /SUPABASE_MIGRATIONS_DIR leads below \/Users\/gurukallam/)
    assert.match(empty, /holds no \*\.sql file/)
  })
})
