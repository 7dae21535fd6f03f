import assert from 'node:assert/strict'
import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Readable, Writable} from 'node:stream'
import {fileURLToPath} from 'node:url'
import type {Browser} from 'playwright-core'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {parseEnvironmentName} from '../../deploy/catalogue/environments.ts'
import type {ConsoleServer} from '../../deploy/console/console-server.ts'
import {startConsole} from '../../deploy/console/start-console.ts'
import {openSession, type Session} from '../../deploy/environment/session.ts'
import {connectSchedules} from '../../deploy/schedules/connect-schedules.ts'
import {launchChromium} from '../support/chromium.ts'
import {createEntry} from '../support/ledger-entry.ts'
import {openView} from './console-harness.ts'

const script = fileURLToPath(new URL('../support/sandbox-and-wait.ts', import.meta.url))

/** `npm run console -- local` on the sandbox of another process, which is killed under it and comes back elsewhere. */
describe('the console whose sandbox is killed', function () {
  this.timeout(120_000)
  let browser: Browser | undefined
  let folder: string
  let sandbox: ChildProcess
  let session: Session
  let served: ConsoleServer

  const startSandbox = async () => {
    sandbox = spawn(process.execPath, [script, folder], {stdio: ['ignore', 'pipe', 'inherit']})
    if (sandbox.stdout !== null) await once(sandbox.stdout, 'data')
  }
  const killSandbox = async () => {
    const gone = once(sandbox, 'exit')
    sandbox.kill('SIGKILL')
    await gone
  }

  before(async function () {
    browser = await launchChromium({onMissing: reason => process.stdout.write(`    ${reason}\n`)})
    if (browser === undefined) return this.skip()
    folder = await mkdtemp(join(tmpdir(), 'console-'))
    await startSandbox()
    const environment = parseEnvironmentName('local', {})
    const terminal = Object.assign(new Writable(), {isTTY: false, columns: 80})
    const env = {SANDBOX_FOLDER: folder}
    const io = {stdout: () => undefined, stderr: () => undefined, env, stdin: Readable.from([]), terminal}
    const {signal} = new AbortController()
    const jobs = await loadCatalogue()
    session = await openSession(environment, {io, signal, jobs, readOnly: true, replacesSandbox: false})
    served = await startConsole({
      session,
      schedules: connectSchedules({jobs, environment, io, signal}),
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
    if (sandbox !== undefined && sandbox.exitCode === null && sandbox.signalCode === null) await killSandbox()
    if (folder !== undefined) await rm(folder, {recursive: true, force: true})
  })

  it('says unknown of each part, never zero, and recovers by itself once another has taken its place', async () => {
    const at = new Date().toISOString()
    await session.ledger.record(createEntry({at}))
    await session.ledger.record(createEntry({at, event: 'degraded', summary: 'half of it was done'}))
    await session.publisher.publish('dead-letters', {data: Buffer.from('garbage'), attributes: {job: 'bootstrap'}})
    const context = await browser?.newContext()
    if (context === undefined) return
    const page = await openView(context, served.url, '/')
    const letters = await openView(context, served.url, '/dead-letters')
    await page.getByText('half of it was done').waitFor()
    await letters.getByText('1 dead letter.').waitFor()

    await killSandbox()
    for (const part of ['runs', 'dead letters']) await page.getByText(`Unknown: ${part}.`).waitFor()
    await letters.getByText('Unknown: they could not be read.').waitFor()
    for (const text of ['Nothing needs you.', 'No run is in progress.', 'None.', '0 dead letters']) {
      for (const view of [page, letters]) assert.equal(await view.getByText(text).count(), 0, text)
    }
    await page
      .getByText(/start it again with npm run local/)
      .first()
      .waitFor()

    await startSandbox()
    await page.getByText('Unknown:').first().waitFor({state: 'detached'})
    await page.getByText('half of it was done').waitFor()
    await letters.getByText('1 dead letter.').waitFor()
    await page.getByText('No run is in progress.').waitFor()
  })
})
