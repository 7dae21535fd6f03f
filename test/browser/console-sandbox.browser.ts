import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Readable, Writable} from 'node:stream'
import type {Browser, BrowserContext} from 'playwright-core'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {parseEnvironmentName} from '../../deploy/catalogue/environments.ts'
import type {ConsoleServer} from '../../deploy/console/console-server.ts'
import {startConsole} from '../../deploy/console/start-console.ts'
import {openSession, type Session} from '../../deploy/environment/session.ts'
import {runLogs} from '../../deploy/runs/logs.ts'
import {connectSchedules} from '../../deploy/schedules/connect-schedules.ts'
import {launchChromium} from '../support/chromium.ts'
import {startTestSandbox, type TestSandbox} from '../support/test-sandbox.ts'
import {openView} from './console-harness.ts'

const alertsPath = '/api/v1/admin/alerts/process-all'

/** The console on the sandbox, whole: its functions, its emulators, Google's clients, and a person with a browser. */
describe('the console on the sandbox', function () {
  this.timeout(180_000)
  let browser: Browser | undefined
  let context: BrowserContext
  let folder: string
  let sandbox: TestSandbox
  let session: Session
  let served: ConsoleServer

  before(async function () {
    browser = await launchChromium({onMissing: reason => process.stdout.write(`    ${reason}\n`)})
    if (browser === undefined) return this.skip()
    context = await browser.newContext({viewport: {width: 1280, height: 900}})
    context.setDefaultTimeout(60_000)
    folder = await mkdtemp(join(tmpdir(), 'console-'))
    sandbox = await startTestSandbox({folder})
    const environment = parseEnvironmentName('local', {})
    const terminal = Object.assign(new Writable({write: (_chunk, _encoding, done) => done()}), {
      isTTY: false,
      columns: 80,
    })
    const io = {
      stdout: () => undefined,
      stderr: () => undefined,
      env: {SANDBOX_FOLDER: folder},
      stdin: Readable.from([]),
      terminal,
    }
    const {signal} = new AbortController()
    const jobs = await loadCatalogue()
    session = await openSession(environment, {io, signal, jobs, readOnly: false})
    const schedules = connectSchedules({jobs, environment, io, signal})
    served = await startConsole({
      session,
      schedules,
      port: 0,
      readOnly: false,
      version: 'test',
      requestedBy: 'anna@desk',
    })
  })
  after(async () => {
    await browser?.close()
    await served?.stop()
    await session?.close()
    await sandbox?.stop()
    if (folder !== undefined) await rm(folder, {recursive: true, force: true})
  })

  it("shows why last night's alerts didn't go out, and gets them out once", async () => {
    sandbox.adminApi.faults.inject({path: alertsPath, kind: 'reset-before'})
    await sandbox.publish('cloudact-daily-alerts', '{}')
    const page = await openView(context, served.url, '/')
    const item = page.locator('.item', {hasText: 'daily-alerts'})
    await item.getByText('unknown outcome').waitFor()
    assert.match(await item.innerText(), /broke off its answer|can't be reached/)
    await item.getByRole('link', {name: 'Check, then replay'}).click()
    await page.getByRole('button', {name: 'Preview a replay'}).click()
    await page.getByText('1 stays').waitFor()
    await page.getByRole('button', {name: 'Preview with force'}).click()
    await page.getByRole('button', {name: 'Replay it'}).click()
    await page.getByRole('dialog').getByRole('checkbox').check()
    await page.getByRole('dialog').getByRole('button', {name: 'Replay it'}).dblclick()
    await page.locator('.results li.good').waitFor()
    await page.getByRole('link', {name: /^Needs me/}).click()
    await page.getByText('Nothing needs you.').waitFor()
    await page.getByText('1 was dealt with').click()
    await page.getByText(/settled, replayed.* by anna@desk/).waitFor()
    const bySlug = Map.groupBy(
      sandbox.adminApi.requestLog.notifications,
      ({orgSlug, alertType}) => `${orgSlug} ${alertType}`,
    )
    assert.ok(bySlug.size > 0)
    for (const [what, sent] of bySlug) assert.equal(sent.length, 1, what)
    assert.deepEqual(page.errors, [])
    await page.close()
  })

  it("shows a run's log lines, the very ones that npm run logs prints", async () => {
    const runId = 'bootstrap@logged'
    await sandbox.run('bootstrap', 'logged')
    const page = await openView(context, served.url, `/runs/${encodeURIComponent(runId)}`)
    assert.equal(await page.locator('.log').count(), 0, 'nothing is asked before it is opened')
    await page.getByRole('heading', {name: 'Log lines'}).click()
    await page.locator('.log').waitFor()
    const printed: string[] = []
    await runLogs(['local', runId], {...session.io, stdout: text => void printed.push(text)}, session.signal)
    assert.ok(printed.length > 0)
    assert.deepEqual((await page.locator('.log').innerText()).trim().split('\n'), printed)
    await page.close()
  })

  it('runs a release, step by step', async () => {
    const page = await openView(context, served.url, '/release')
    await page.getByRole('button', {name: 'Run supabase-migrate'}).click()
    await page.getByRole('button', {name: 'Both are deployed'}).click()
    await page.getByRole('button', {name: 'Run bootstrap'}).click()
    await page.getByRole('button', {name: 'Run org-sync-all'}).click()
    await page
      .getByText('Released.')
      .or(page.locator('.step.next', {hasText: 'degraded'}))
      .first()
      .waitFor()
    const done = sandbox.adminApi.requestLog.done.map(({operation}) => operation)
    assert.ok(done.some(operation => operation.startsWith('bootstrap')))
    // The address holds the release: a colleague who opens it sees the same.
    const colleague = await context.newPage()
    await colleague.goto(`${served.url}&open=${encodeURIComponent(new URL(page.url()).hash.slice(1))}`)
    await colleague.getByText('✔ confirmed').waitFor()
  })

  it('shows what the emulators received, and makes them fail', async () => {
    const page = await openView(context, served.url, '/sandbox')
    await page
      .getByText(/POST .*process-all/)
      .first()
      .waitFor()
    await page.getByLabel('Fault').fill('alerts:nonsense')
    await page.getByRole('button', {name: 'Inject'}).click()
    await page.getByRole('alert').getByText('no effect that is known').waitFor()
    await page.getByLabel('Fault').fill('bootstrap:500x2')
    await page.getByRole('button', {name: 'Inject'}).click()
    await page.getByText('bootstrap:500x2, 2 left').waitFor()
    await page.getByRole('button', {name: 'Clear all faults'}).click()
    await page.getByText('bootstrap:500x2, 2 left').waitFor({state: 'detached'})
  })

  it('shows every migration with its state', async () => {
    const page = await openView(context, served.url, '/migrations')
    await page.locator('tbody tr').first().waitFor()
    assert.match(await page.locator('main').innerText(), /applied/)
  })
})
