import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Readable, Writable} from 'node:stream'
import type {Browser, BrowserContext, Page} from 'playwright-core'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {parseEnvironmentName} from '../../deploy/catalogue/environments.ts'
import type {ConsoleServer} from '../../deploy/console/console-server.ts'
import {readMigrations} from '../../deploy/console/migrations-view.ts'
import {startConsole} from '../../deploy/console/start-console.ts'
import {openSession, type Session} from '../../deploy/environment/session.ts'
import {runLogs} from '../../deploy/runs/logs.ts'
import {runRuns} from '../../deploy/runs/runs.ts'
import {connectSchedules} from '../../deploy/schedules/connect-schedules.ts'
import {launchChromium} from '../support/chromium.ts'
import {createEntry} from '../support/ledger-entry.ts'
import {startTestSandbox, type TestSandbox} from '../support/test-sandbox.ts'
import {findFlaws, installAxe} from './axe.ts'
import {openView, settled} from './console-harness.ts'
import {checkDrawn, checkListed, checkSlot, lastClockChange, toPageWords} from './moments.ts'

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
  let database: ReturnType<typeof readMigrations>
  const placed: string[] = []
  const change = lastClockChange('America/New_York', new Date())
  const at = (minutes: number) => new Date(change.getTime() + minutes * 60_000).toISOString()

  before(async function () {
    browser = await launchChromium({onMissing: reason => process.stdout.write(`    ${reason}\n`)})
    if (browser === undefined) return this.skip()
    context = await browser.newContext({viewport: {width: 1280, height: 900}})
    context.setDefaultTimeout(60_000)
    folder = await mkdtemp(join(tmpdir(), 'console-'))
    sandbox = await startTestSandbox({folder})
    await placeRuns()
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
    // Its database takes seconds to start: it does so beside the first tests.
    database = readMigrations(session)
    database.catch(() => undefined)
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

  /** Runs around New York's last clock change, by hand and by slots; in the ledger before the console looks. */
  async function placeRuns(): Promise<void> {
    const day = change.toISOString().slice(0, 10)
    // In the hour that New York lives twice or never, by hand; and slots that other places see on another day.
    const runs: [runId: string, at: string][] = [
      ['bootstrap@before', at(-30)],
      ['bootstrap@after', at(30)],
      [`daily-quota-reset@${day}T00:00Z`, `${day}T00:00:07.000Z`],
      [`daily-alerts@${day}T08:00Z`, `${day}T08:00:05.000Z`],
    ]
    for (const [runId, start] of runs) {
      const run = {runId, job: runId.replace(/@.*/, ''), version: 'clock'}
      await sandbox.ledger.record(createEntry({...run, at: start}))
      const end = new Date(Date.parse(start) + 9000).toISOString()
      await sandbox.ledger.record(createEntry({...run, event: 'succeeded', at: end, durationMilliseconds: 9000}))
    }
    placed.push(...runs.map(([runId]) => runId))
  }

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
    // What has become of it is said where it was asked for.
    await page.locator('.results').getByText('succeeded').first().waitFor()
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

  it('shows each run at the moment that npm run runs prints, wherever its reader lives, and again from its address', async () => {
    const days = Math.ceil((Date.now() - change.getTime()) / 86_400_000) + 2
    const lines: string[] = []
    const io = {...session.io, stdout: (text: string) => void lines.push(...text.split('\n'))}
    await runRuns(['local', '--since', `${days}d`], io, session.signal)
    const printed = placed.map(runId => {
      const line = lines.find(text => text.includes(` ${runId} `)) ?? assert.fail(`${runId} is not printed`)
      return [runId, /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.exec(line)?.[0] ?? line] as const
    })
    const listPath = `/runs?outcome=succeeded&since=${new Date(change.getTime() - 86_400_000).toISOString().slice(0, 10)}`
    const timelinePath = `/timeline?range=3d&until=${at(36 * 60)}`
    const words = (minutes: number) => toPageWords(at(minutes).slice(0, 19).replace('T', ' ')).short
    const span = `${words(-36 * 60)} to ${words(36 * 60)} UTC`
    for (const timezoneId of ['UTC', 'America/New_York', 'Pacific/Auckland']) {
      const reader = await browser?.newContext({timezoneId, viewport: {width: 1440, height: 900}})
      if (reader === undefined) return
      const look = async (page: Page) => {
        const isList = page.url().includes('#/runs')
        if (isList) assert.equal(await page.getByLabel('Outcome').inputValue(), 'succeeded')
        else assert.ok((await page.locator('main').innerText()).includes(span))
        for (const [runId, moment] of printed) {
          if (isList) await checkListed(page, runId, moment, timezoneId)
          else await checkDrawn(page, runId, moment)
          if (!isList && runId.startsWith('daily')) await checkSlot(page, runId)
        }
      }
      for (const path of [listPath, timelinePath]) {
        const page = await openView(reader, served.url, path)
        await look(page)
        const address = page.url()
        await page.goto('about:blank')
        await page.goto(address)
        await page.locator('.provenance').waitFor()
        await settled(page)
        assert.equal(page.url(), address)
        await look(page)
        await page.close()
      }
      await reader.close()
    }
  })

  it('runs a release, step by step', async () => {
    await database
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
    await page.locator('tbody tr').first().waitFor()
    const headings = await page.locator('h2').allInnerTexts()
    assert.ok(headings.indexOf('Organizations') < headings.indexOf('Requests received'), headings.join())
    assert.ok(headings.indexOf('Tables') < headings.indexOf('Requests received'), headings.join())
    assert.ok((await page.locator('tbody tr').count()) <= 30)
    await page.getByRole('button', {name: /^Show all \d+$/}).click()
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
    await installAxe(page)
    for (const width of [320, 1280]) {
      await page.setViewportSize({width, height: 900})
      assert.deepEqual(await findFlaws(page), [])
    }
  })

  it('shows every migration with its state', async () => {
    const page = await openView(context, served.url, '/migrations')
    await page.locator('tbody tr').first().waitFor()
    assert.match(await page.locator('main').innerText(), /(applied|pending)\s+01_tracking_table/)
    await installAxe(page)
    assert.deepEqual(await findFlaws(page), [])
  })
})
