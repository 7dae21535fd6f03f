import assert from 'node:assert/strict'
import {glob, mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import type {Fault} from '../../deploy/local/emulator/injected-faults.ts'
import type {Job} from '../../lib/job/job.ts'
import {startTestSandbox, type TestSandbox, until} from '../support/test-sandbox.ts'
import {typeCommand} from '../support/type-command.ts'

/** Found anywhere where it should not be, each says where it came from. */
const secrets = {rootKey: 'canary-Root+key/0123456789==', accessToken: 'sbp_canary-token+0123456789/ab=='}

/** A secret, and what becomes of it on the way: in a URL, in basic authentication, in a JSON text. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64')
  return [secret, encodeURIComponent(secret), base64, base64.replaceAll('=', '')]
}
/** The beginning as well: what is cut may be cut within a secret. */
const traces = Object.values(secrets).flatMap(secret => [...formsOf(secret), secret.slice(0, 14)])

/** What a counterpart answers that tells what it was sent. */
function faultsOf(path: RegExp, secret: string): Readonly<Record<string, Fault>> {
  const echo = `you sent ${formsOf(secret).join(' and ')}`
  const answer = (status: number, body: unknown): Fault => ({path, kind: 'status', response: {status, body}})
  const statuses = [400, 401, 403, 404, 408, 409, 422, 429, 500, 503]
  return {
    ...Object.fromEntries(
      statuses.map(status => [`HTTP ${status}`, answer(status, {detail: echo, message: echo})] as const),
    ),
    'a list of problems': answer(422, {detail: [{loc: ['header', echo], msg: echo, type: 'x'}]}),
    'another shape': {path, kind: 'body', text: JSON.stringify({status: echo, success: echo, organizations: echo})},
    'no JSON': {path, kind: 'body', text: `<html>${echo}`},
    'a broken answer': {path, kind: 'truncate'},
    'a broken connection': {path, kind: 'reset-after'},
  }
}
const apiFaults = faultsOf(/^\/api\//, secrets.rootKey)
const supabaseFaults = faultsOf(/database\/query/, secrets.accessToken)

describe('a secret', function () {
  this.timeout(180_000)
  const functionEnv: Record<string, string> = {JOB_TIMEOUT_SECONDS: '2'}
  const written = new Map<string, string>()
  let folder: string
  let sandbox: TestSandbox
  let jobs: readonly Job[]

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'canary-'))
    jobs = await loadCatalogue()
    sandbox = await startTestSandbox({
      folder,
      functionEnv,
      secrets,
      retryPolicy: {minimumBackoffSeconds: 0.1, maximumBackoffSeconds: 0.1},
    })
  })
  after(async () => {
    await sandbox.stop()
    await rm(folder, {recursive: true})
  })

  /** @returns what takes the fault out again, if the job did not meet it. */
  function orderFault(job: Job, name: string): () => void {
    const [counterpart, all] =
      job.name === 'supabase-migrate' ? [sandbox.supabase, supabaseFaults] : [sandbox.adminApi, apiFaults]
    const fault = all[name]
    assert.ok(fault !== undefined)
    // It calls BigQuery alone.
    if (job.name === 'daily-quota-cleanup') return () => undefined
    return counterpart.faults.inject({...fault, matches: ({caller}) => caller === job.functionName})
  }
  async function type(line: string): Promise<void> {
    const {stdout, stderr} = await typeCommand(line, {sandboxFolder: folder}).catch(error => ({
      stdout: '',
      stderr: String(error),
    }))
    written.set(line, stdout + stderr)
  }

  it('is used by every job, in success and in every failure', async () => {
    // Each job goes through them at its own pace: what takes long is a pause before a retry.
    await Promise.all(
      jobs.map(async job => {
        for (const [index, name] of Object.keys(apiFaults).entries()) {
          const forget = orderFault(job, name)
          await sandbox.run(job.name, `canary-${index}`)
          forget()
        }
      }),
    )
    // On a busy machine nothing succeeds in the time that makes the failures quick.
    functionEnv['JOB_TIMEOUT_SECONDS'] = '120'
    const running = await Promise.all(jobs.map(({functionName}) => sandbox.functions.processOf(functionName)))
    await Promise.all(running.map(instance => instance?.end('SIGTERM')))
    const ends = await Promise.all(jobs.map(job => sandbox.run(job.name, 'canary-green')))
    assert.deepEqual(
      ends.filter(({event}) => event === 'failed').map(({runId, error}) => `${runId} ${error?.message}`),
      [],
    )
    // Without this, the test would find nothing for the wrong reason.
    assert.ok(sandbox.lines.join('').includes('[secret CA_ROOT_API_KEY]'))
    assert.ok(sandbox.lines.join('').includes('[secret SUPABASE_ACCESS_TOKEN]'))
  })

  it('is in no argument of a process', async function () {
    if (process.platform !== 'linux') {
      process.stdout.write('    /proc is needed to read the arguments of a process\n')
      return this.skip()
    }
    for (const {functionName} of jobs) {
      const running = await sandbox.functions.processOf(functionName)
      assert.ok(running !== undefined)
      written.set(`arguments of ${functionName}`, await readFile(`/proc/${running.pid}/cmdline`, 'utf8'))
    }
  })

  it('is no part of what a function says that can not start', async () => {
    functionEnv['API_SERVICE_URL'] = `http://user:${secrets.rootKey}@example.com`
    await (await sandbox.functions.processOf('cloudact-manual-bootstrap'))?.end('SIGTERM')
    const before = sandbox.lines.length
    await sandbox.publish('manual-jobs', '{}', {job: 'bootstrap', runId: 'bootstrap@canary-unset', requestedBy: 'test'})
    await until('it has said why', async () =>
      sandbox.lines.slice(before).some(line => line.includes('API_SERVICE_URL: must be an https URL'))
        ? true
        : undefined,
    )
    delete functionEnv['API_SERVICE_URL']
  })

  it('is in nothing that a command prints', async () => {
    await type('npm run runs -- local')
    await type('npm run runs -- local --json')
    await type('npm run list -- local')
    await type('npm run doctor -- local --json')
    await type('npm run dead-letters -- local')
    await type('npm run dead-letters -- local --json')
    await type('npm run replay -- local --all --dry-run')
    const entries = await sandbox.ledger.since(new Date(0))
    const failures = entries.filter(({error}) => error?.deadLetterId !== undefined)
    // One of each kind of failure of each job: what they print differs in its counterpart's words alone.
    const kinds = Map.groupBy(failures, ({job, error}) => `${job} ${error?.kind} ${error?.name}`)
    for (const {runId, error} of [...kinds.values()].flatMap(([first]) => first ?? [])) {
      await type(`npm run dead-letters -- local show ${error?.deadLetterId}`)
      await type(`npm run runs -- local ${runId}`)
    }
    const bootstrap = jobs.find(({name}) => name === 'bootstrap')
    assert.ok(bootstrap !== undefined)
    orderFault(bootstrap, 'HTTP 422')
    await type('npm run publish -- bootstrap local')
    assert.match(written.get('npm run publish -- bootstrap local') ?? '', /✖ failed .*\[secret CA_ROOT_API_KEY\]/)
  })

  it('is in no log line, no row of the ledger, no dead letter, and no file of the sandbox', async () => {
    written.set('what the functions print', sandbox.lines.join('\n'))
    written.set('the run ledger', JSON.stringify(await sandbox.ledger.since(new Date(0))))
    const files = await Array.fromAsync(glob('**/*', {cwd: folder, withFileTypes: true}))
    for (const file of files.filter(entry => entry.isFile())) {
      const path = join(file.parentPath, file.name)
      // Every message and every dead letter is in Pub/Sub's journal, its data in base64.
      // Where the sandbox is, and with which token its own Supabase is asked: for its owner alone.
      const text = (await readFile(path, 'latin1')).replace(/"supabaseToken": "[^"]*"/, '')
      const data = [...text.matchAll(/"data":"([^"]+)"/g)].map(([, base64 = '']) =>
        Buffer.from(base64, 'base64').toString(),
      )
      written.set(path, [text, ...data].join('\n'))
    }
    assert.ok([...written.keys()].some(name => name.endsWith('journal.jsonl')))
    for (const [where, text] of written) {
      const found = traces.find(trace => text.includes(trace))
      assert.equal(
        found,
        undefined,
        `${where}: …${text.slice(Math.max(0, text.indexOf(found ?? '') - 200), text.indexOf(found ?? '') + 100)}…`,
      )
    }
  })
})
