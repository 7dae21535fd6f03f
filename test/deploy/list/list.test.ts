import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Readable, Writable} from 'node:stream'
import * as z from 'zod'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import type {CommandIo} from '../../../deploy/cli/command-io.ts'
import {toGcloudError} from '../../../deploy/cloud/gcloud/gcloud-error.ts'
import {runList} from '../../../deploy/list/list.ts'
import {writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import {createCloudSchedules} from '../../../deploy/schedules/cloud-schedules.ts'
import {runPause} from '../../../deploy/schedules/pause.ts'
import {createGcloudFake} from '../../support/gcloud-fake.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {startTestSandbox, type TestSandbox, until} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'
import {splitArgs} from '../../support/words.ts'

const listSchema = z.object({
  jobs: z.array(
    z.object({
      job: z.string(),
      trigger: z.string().nullable(),
      nextRunAt: z.string().nullable(),
      deadLetters: z.number().nullable(),
      lastRun: z.object({outcome: z.string(), attempts: z.number()}).nullable(),
    }),
  ),
  unknown: z.array(z.object({what: z.string(), reason: z.string()})),
})

describe('list, pause and resume in the sandbox', function () {
  this.timeout(60_000)
  let sandbox: TestSandbox
  let sandboxFolder: string

  before(async () => {
    sandboxFolder = await mkdtemp(join(tmpdir(), 'list-'))
    sandbox = await startTestSandbox({firesSchedules: true, warm: 'cloudact-manual-bootstrap'})
    await writeSandboxFile(sandboxFolder, sandbox.addresses)
  })
  after(async () => {
    await sandbox.stop()
    await rm(sandboxFolder, {recursive: true})
  })

  const type = (line: string, more: {input?: string} = {}) => typeCommand(line, {sandboxFolder, ...more})
  const statuses = async () => {
    const {stdout} = await type('npm run list -- local --json')
    return new Map(listSchema.parse(JSON.parse(stdout)).jobs.map(status => [status.job, status]))
  }

  it('shows every job with its last run and the dead letters that wait', async () => {
    assert.equal((await sandbox.run('bootstrap', '1')).event, 'succeeded')
    const response = {status: 400, body: {detail: 'no'}}
    sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, kind: 'status', response})
    assert.equal((await sandbox.run('bootstrap', '2')).event, 'failed')
    const all = await statuses()
    assert.equal(all.size, (await loadCatalogue()).length)
    assert.deepEqual(all.get('bootstrap'), {
      job: 'bootstrap',
      trigger: null,
      nextRunAt: null,
      deadLetters: 1,
      lastRun: {outcome: 'failed', attempts: 1},
    })
    assert.equal(all.get('daily-alerts')?.lastRun, null)
    const {stdout, code} = await type('npm run list -- local')
    assert.equal(code, 0)
    assert.match(stdout, /^ {2}cloudact-manual-bootstrap +by hand +failed in 0\.\d s, \d+ s ago +– +1 +–$/m)
    assert.match(stdout, /^(?:1 thing needs you:| ) 1 dead letter to review: npm run dead-letters -- local$/m)
  })

  it('has a degraded run among what needs somebody, as `runs --failed` has it, until it is repeated', async () => {
    await type('npm run faults -- local add org-sync-all:422x*@acme_inc')
    assert.equal((await sandbox.run('org-sync-all', '1')).event, 'degraded')
    await type('npm run faults -- local clear')
    const need = async () => (await type('npm run list -- local')).stdout.replaceAll(/\s+/g, ' ')
    assert.match(
      await need(),
      /degraded: org-sync-all, 1 of 12 organizations failed, 11 synced\. Repeat just these: npm run publish -- org-sync-all local --arg org=acme_inc/,
    )
    assert.match((await type('npm run runs -- local --failed')).stdout, /org-sync-all@1 +degraded/)
    assert.equal((await sandbox.run('org-sync-all', '2', {org: ['acme_inc']})).event, 'succeeded')
    assert.doesNotMatch(await need(), /degraded:/)
  })

  it('counts an unreadable message once: as the dead letter that it is', async () => {
    await sandbox.publish('manual-jobs', 'garbage', {job: 'bootstrap'})
    const list = await until('its dead letter is listed', async () => {
      const {stdout} = await type('npm run list -- local')
      return /2 dead letters to review/.test(stdout) ? stdout : undefined
    })
    assert.match(list, /^1 thing needs you: 2 dead letters to review/m)
  })

  it('says of a schedule that was fired by hand after its slot that it did nothing, and how to run it', async () => {
    const now = Date.now()
    const ranAt = new Date(now - 3_600_000).toISOString()
    const runId = `daily-quota-reset@${ranAt.slice(0, 10)}T00:00Z`
    const entry = {runId, job: 'daily-quota-reset', trigger: 'schedule'} as const
    await sandbox.ledger.claim(createEntry({...entry, at: ranAt}))
    await sandbox.ledger.record(createEntry({...entry, event: 'succeeded', at: ranAt}))
    const idle = async () => {
      const {stdout} = await type('npm run list -- local')
      return /daily-quota-reset was triggered again[\s\S]*?\n\n/.exec(stdout)?.[0].replace(/\s+/g, ' ')
    }
    assert.equal(await idle(), undefined)
    const duplicate = {...entry, attempt: 0, event: 'duplicate'} as const
    await sandbox.ledger.record(createEntry({...duplicate, messageId: 'forced', at: new Date(now).toISOString()}))
    assert.match(
      (await idle()) ?? '',
      /^daily-quota-reset was triggered again at [\d:, -]+ UTC and did nothing: daily-quota-reset@\S+ is over\. To run it by hand: npm run publish -- daily-quota-reset local $/,
    )
  })

  it('pauses a schedule, shows it, and lets it fire again', async () => {
    const before = (await statuses()).get('daily-alerts')
    assert.equal(before?.trigger, 'enabled')
    assert.match(before?.nextRunAt ?? '', /T08:00:00\.000Z$/)
    assert.match((await type('npm run pause -- local alerts')).stdout, /✔ daily-alerts: paused/)
    assert.match((await type('npm run pause -- local alerts')).stdout, /✔ daily-alerts: nothing to do, it is paused/)
    const paused = (await statuses()).get('daily-alerts')
    assert.deepEqual([paused?.trigger, paused?.nextRunAt], ['paused', null])
    const {stdout} = await type('npm run list -- local')
    assert.match(stdout, /^ {2}paused: daily-alerts\. To resume: npm run resume -- local <job>$/m)
    const resumed = await type('npm run resume -- local --all')
    assert.match(resumed.stdout, /✔ daily-alerts: resumed/)
    assert.match(resumed.stdout, /✔ daily-quota-reset: nothing to do, it is enabled/)
    assert.equal((await statuses()).get('daily-alerts')?.trigger, 'enabled')
  })

  it('refuses a job without a schedule, no job, and jobs beside --all', async () => {
    await assert.rejects(type('npm run pause -- local bootstrap'), /bootstrap has no schedule: it only runs by hand/)
    await assert.rejects(type('npm run pause -- local'), /say which: npm run pause -- local <job…>, or --all/)
    await assert.rejects(type('npm run resume -- local alerts --all'), /say which/)
  })

  it('asks in prod, and changes nothing without a yes', async () => {
    const {io, texts} = createIo('no')
    const fake = cloud()
    const code = await runPause(splitArgs('prod --all'), io, new AbortController().signal, ({jobs}) =>
      createCloudSchedules(jobs, fake.gcloud),
    )
    assert.equal(code, 2)
    assert.match(texts.join(''), /Nothing was changed\./)
    assert.deepEqual(fake.changes, [])
  })

  it('goes on with the other schedules where one fails, and says which', async () => {
    const {io, texts} = createIo()
    const fake = cloud()
    fake.refuse = args =>
      args.includes('pause') && args.includes('cloudact-daily-alerts-trigger') ? 'ERROR: INTERNAL: no' : undefined
    const code = await runPause(splitArgs('stage --all'), io, new AbortController().signal, ({jobs}) =>
      createCloudSchedules(jobs, fake.gcloud),
    )
    assert.equal(code, 3)
    assert.match(texts.join(''), /✖ daily-alerts: gcloud scheduler jobs pause .*INTERNAL: no/)
    assert.match(texts.join(''), /✖ monthly-quota-reset: its trigger is not deployed: npm run deploy makes it/)
    assert.match(texts.join(''), /✔ daily-stale-cleanup: paused/)
  })

  it('shows what it can where a source does not answer, says why, and exits with 3', async () => {
    const {io, texts} = createIo()
    const code = await runList(['local', '--json'], io, new AbortController().signal, () => ({
      states: () => Promise.reject(toGcloudError(['scheduler', 'jobs'], {text: 'ERROR: UNAUTHENTICATED: who?'})),
      deployedSince: () => Promise.resolve(new Map()),
      pausedSince: () => Promise.resolve(new Map()),
      pause: () => Promise.resolve(),
      resume: () => Promise.resolve(),
    }))
    assert.equal(code, 3)
    const {unknown, jobs} = listSchema.parse(JSON.parse(texts.join('')))
    assert.deepEqual(unknown, [
      {what: 'triggers', reason: 'gcloud is not logged in: run `gcloud auth login`, then again'},
    ])
    assert.equal(jobs.find(({job}) => job === 'bootstrap')?.lastRun?.outcome, 'failed')
  })

  /** Three of the five schedules are there. */
  function cloud() {
    const fake = createGcloudFake({secrets: [], readConfig: () => ({})})
    const names = ['daily-alerts', 'daily-stale-cleanup', 'daily-quota-reset'].map(name => `cloudact-${name}-trigger`)
    fake.documents.set('scheduler jobs', new Map(names.map(name => [name, {name: `jobs/${name}`, state: 'ENABLED'}])))
    return fake
  }

  function createIo(input?: string): {io: CommandIo; texts: string[]} {
    const texts: string[] = []
    const write = (text: string) => void texts.push(`${text}\n`)
    const terminal = Object.assign(new Writable({write: (_, __, done) => done()}), {isTTY: false, columns: 80})
    const stdin = Readable.from(input === undefined ? [] : [input])
    return {texts, io: {stdout: write, stderr: write, env: {SANDBOX_FOLDER: sandboxFolder}, stdin, terminal}}
  }
})
