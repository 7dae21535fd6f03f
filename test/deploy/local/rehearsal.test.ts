import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startTestSandbox, type TestSandbox, until} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'

describe('a rehearsed night', function () {
  this.timeout(120_000)
  let folder: string
  let sandbox: TestSandbox

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'night-'))
    sandbox = await startTestSandbox({folder, organizations: 40, adminApi: {latencyMilliseconds: 5}})
  })
  after(async () => {
    await sandbox.stop()
    await rm(folder, {recursive: true})
  })

  const type = (line: string) => typeCommand(line, {sandboxFolder: folder, columns: 80})

  it('has as many organizations as were asked for, and shows them', async () => {
    assert.equal(sandbox.adminApi.organizations.count('ACTIVE'), 40)
    const {code, stdout} = await type('npm run sandbox -- organizations --limit 100')
    assert.equal(code, 0)
    assert.match(stdout, /^ {2}ORGANIZATION +STATUS +TABLES +QUOTA OF +STUCK +ALERTS$/m)
    assert.match(stdout, /^ {2}vandelay_imports +CANCELLED +- +- +0 +-$/m)
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line)
  })

  it('injects a fault, lists it, meets it, and shows the request that met it', async () => {
    const added = await type('npm run faults -- local add bootstrap:503 api:slow=1ms@acme_inc')
    assert.equal(added.code, 0)
    assert.match(added.stdout, /^ {2}bootstrap:503 +1 more$/m)
    assert.match(added.stdout, /^ {2}api:slow=1ms@acme_inc +1 more$/m)
    assert.equal((await sandbox.run('bootstrap', 'night')).event, 'succeeded')
    const {stdout} = await type('npm run faults -- local list')
    assert.doesNotMatch(stdout, /bootstrap:503/)
    const requests = await type('npm run sandbox -- requests --limit 200')
    assert.match(
      requests.stdout,
      /^ {2}\d\d:\d\d:\d\d {2}manual-bootstrap +api +GET \/admin\/bootstrap\/status +503 injected$/m,
    )
    assert.match(requests.stdout, /manual-bootstrap +ledger +POST \/(?:jobs|queries) +200/)
    for (const line of requests.stdout.split('\n')) assert.ok(line.length <= 80, line)
  })

  it("breaks one organization's sync only, and takes faults out again", async () => {
    await type('npm run faults -- local clear')
    await type('npm run faults -- local add org-sync-all:reset-after@acme_inc')
    await sandbox.publish('manual-jobs', '{}', {job: 'org-sync-all', runId: 'org-sync-all@night'})
    // The run itself goes on: it waits for what may still be at work on that organization.
    const met = await until('the fault is met', async () => {
      const requests = sandbox.adminApi.exchanges().filter(({fault}) => fault?.startsWith('org-sync-all'))
      return requests.length > 0 ? requests : undefined
    })
    assert.deepEqual(
      met.map(({path, status}) => [path.endsWith('/acme_inc/sync'), status]),
      [[true, undefined]],
    )
    const cleared = await type('npm run faults -- local clear')
    assert.equal(cleared.stdout.trim(), 'No fault is waiting: everything works.')
  })

  it('kills alerts in the middle of its call: what was sent is shown, and the outcome is unknown', async () => {
    const none = await type('npm run sandbox -- notifications')
    assert.equal(none.stdout.trim(), 'No notification was sent.')
    await sandbox.functions.warm('cloudact-daily-alerts')
    const running = await sandbox.functions.processOf('cloudact-daily-alerts')
    await type('npm run faults -- local add alerts:kill')
    await sandbox.publish('cloudact-daily-alerts', '{}', {job: 'daily-alerts', runId: 'daily-alerts@killed'})
    await running?.ended
    await until('the call is carried out', async () =>
      sandbox.adminApi.requestLog.done.find(({operation, finished}) => operation === 'process-alerts' && finished),
    )
    const {stdout} = await type('npm run sandbox -- notifications')
    assert.match(stdout, /^ {2}\d\d:\d\d:\d\d {2}globex_2025 +cost_threshold +[0-9a-f-]{13}$/m)
    assert.ok(
      sandbox.adminApi.requestLog.done.some(({operation, clientGone}) => operation === 'process-alerts' && clientGone),
    )
  })

  it('shows the tables with their rows', async () => {
    const {stdout} = await type('npm run sandbox -- tables')
    assert.match(stdout, /^ {2}scheduler_jobs\.job_runs +[1-9]\d*$/m)
  })

  for (const [line, reason] of [
    ['npm run faults -- stage list', /into the sandbox only/],
    ['npm run faults -- local break', /there is no "break" of faults: add, list, clear/],
    ['npm run faults -- local add', /add which fault\?/],
    ['npm run faults -- local list alerts:500', /list takes no fault/],
    ['npm run faults -- local add alerts:explode', /no effect that is known/],
    ['npm run sandbox -- nonsense', /shows no "nonsense": requests, notifications, organizations, tables/],
    ['npm run sandbox -- requests --limit none', /--limit "none"/],
  ] as const) {
    it(`says what is wrong with: ${line}`, () => assert.rejects(type(line), {name: 'UsageError', message: reason}))
  }

  it('says so where no sandbox is running', async () => {
    const nowhere = {sandboxFolder: join(folder, 'nowhere')}
    for (const line of ['npm run faults -- local list', 'npm run sandbox -- requests']) {
      await assert.rejects(typeCommand(line, nowhere), {name: 'UsageError', message: /no sandbox is running: start it/})
    }
  })

  it('tells nothing to who has not the token', async () => {
    const {controlUrl} = sandbox.addresses
    for (const headers of [{}, {authorization: 'Bearer wrong'}]) {
      assert.equal((await fetch(`${controlUrl}/organizations`, {headers})).status, 401)
      assert.equal((await fetch(`${controlUrl}/in-use`, {headers})).status, 401)
    }
  })
})
