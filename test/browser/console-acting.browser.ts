import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Browser, BrowserContext} from 'playwright-core'
import {launchChromium} from '../support/chromium.ts'
import {createEntry, createFinalError} from '../support/ledger-entry.ts'
import {openView, startTestConsole, type TestConsole} from './console-harness.ts'

/** Acting from the console's page, in a real browser: once, on what was previewed, and from no other page. */
describe('acting in the console', function () {
  this.timeout(120_000)
  let browser: Browser | undefined
  let context: BrowserContext
  let served: TestConsole | undefined

  before(async function () {
    browser = await launchChromium({
      hosts: {'evil.test': '127.0.0.1'},
      onMissing: reason => process.stdout.write(`    ${reason}\n`),
    })
    if (browser === undefined) this.skip()
  })
  after(() => browser?.close())
  beforeEach(async () => {
    if (browser !== undefined) context = await browser.newContext({viewport: {width: 1280, height: 900}})
  })
  afterEach(async () => {
    await context?.close()
    await served?.stop()
    served = undefined
  })

  const add = (id: string, given: {job?: string; kind?: string; data?: string; reason?: string} = {}) => {
    const {job = 'bootstrap', kind = 'permanent', data = '{}', reason = 'the API said no'} = given
    const runId = `${job}@${id}`
    const at = new Date(Date.now() - 60_000).toISOString()
    served?.entries.push(
      createEntry({runId, job, at}),
      createEntry({
        runId,
        job,
        at,
        event: 'failed',
        error: {...createFinalError(kind === 'permanent' ? 'permanent' : 'unknown outcome', id), message: reason},
      }),
    )
    served?.deadLetters.push({
      id,
      publishedAt: new Date(at),
      data: Buffer.from(data),
      attributes: {
        job,
        runId,
        'deadLetter-job': job,
        'deadLetter-runId': runId,
        'deadLetter-sourceTopic': job === 'bootstrap' ? 'manual-jobs' : `cloudact-${job}`,
        'deadLetter-kind': kind,
        'deadLetter-reason': reason,
        'deadLetter-error': 'RejectedError',
        'deadLetter-attempts': '1',
        'deadLetter-firstAt': at,
        'deadLetter-lastAt': at,
        'deadLetter-replays': '0',
        'deadLetter-messageId': `m-${id}`,
      },
    })
  }

  it('replays what was previewed and nothing that came since, and once however often it is clicked', async () => {
    served = await startTestConsole({})
    for (const id of ['1', '2', '3']) add(id)
    const page = await openView(context, served.url, '/dead-letters')
    await page.locator('fieldset legend input').first().check()
    await page.getByRole('button', {name: 'Preview a replay'}).click()
    const replay = page.getByRole('button', {name: 'Replay these 3'})
    await replay.waitFor()
    add('4')
    served.deadLetters.splice(0, 1)
    await replay.dblclick()
    await page.locator('.results li').first().waitFor()
    assert.deepEqual(
      served.published.map(({attributes}) => attributes['runId']),
      ['bootstrap@2', 'bootstrap@3'],
    )
    assert.deepEqual(served.acknowledged, ['2', '3'])
    assert.ok(served.published.every(({attributes}) => attributes['requestedBy'] === 'anna@desk'))
    assert.match(await page.locator('.results').innerText(), /1: it is no longer there/)
    assert.deepEqual(
      served.deadLetters.map(({id}) => id),
      ['4'],
    )
  })

  it("wants production's name typed, and the manual check of an unknown outcome read", async () => {
    served = await startTestConsole({environment: 'prod'})
    add('9', {job: 'daily-alerts', kind: 'unknown outcome', reason: 'no answer'})
    const page = await openView(context, served.url, '/dead-letters?ids=9')
    assert.equal(await page.evaluate(() => document.documentElement.dataset['environment']), 'production')
    await page.getByRole('button', {name: 'Preview a replay'}).click()
    await page.getByText('1 stays').waitFor()
    await page.getByRole('button', {name: 'Preview with force'}).click()
    await page.getByText('1 goes').waitFor()
    await page.getByRole('button', {name: 'Replay it'}).click()
    const confirm = page.getByRole('dialog').getByRole('button', {name: 'Replay it'})
    assert.equal(await confirm.isDisabled(), true)
    await page.getByRole('dialog').getByRole('textbox').fill('prod')
    assert.equal(await confirm.isDisabled(), true)
    await page.getByRole('dialog').getByRole('checkbox').check()
    await confirm.click()
    await page.locator('.results li').first().waitFor()
    assert.equal(served.published.length, 1)
    assert.equal(served.published[0]?.attributes['runId'], 'daily-alerts@9')
  })

  it('refuses on the server what the page would not ask: no name typed, read-only', async () => {
    served = await startTestConsole({environment: 'prod'})
    const page = await openView(context, served.url, '/')
    const act = (path: string) =>
      page.evaluate(
        async ([to]) => {
          const headers = {
            'x-console-token': sessionStorage.getItem('console-token') ?? '',
            'content-type': 'application/json',
          }
          const response = await fetch(`/api${to}`, {method: 'POST', headers, body: '{"args": []}'})
          return [response.status, await response.text()] as const
        },
        [path] as const,
      )
    assert.deepEqual((await act('/jobs/bootstrap/runs'))[0], 412)
    await served.stop()
    served = await startTestConsole({readOnly: true})
    const reader = await openView(context, served.url, '/')
    assert.equal(await reader.getByRole('button', {name: 'Pause'}).count(), 0)
    const status = await reader.evaluate(async () => {
      const headers = {
        'x-console-token': sessionStorage.getItem('console-token') ?? '',
        'content-type': 'application/json',
      }
      return (await fetch('/api/jobs/bootstrap/runs', {method: 'POST', headers, body: '{"args": []}'})).status
    })
    assert.equal(status, 403)
    assert.deepEqual(served.published, [])
  })

  it('publishes a job from its schema, with an error beside the field', async () => {
    served = await startTestConsole({})
    const page = await openView(context, served.url, '/publish/org-sync-all')
    await page.getByLabel('concurrency').fill('many')
    await page.locator('.field', {hasText: 'concurrency'}).locator('.bad').waitFor()
    assert.equal(await page.getByRole('button', {name: 'Publish', exact: true}).isDisabled(), true)
    await page.getByLabel('concurrency').fill('4')
    await page.getByText('npm run publish -- org-sync-all local --arg concurrency=4').waitFor()
    await page.getByRole('button', {name: 'Publish', exact: true}).click()
    await page.waitForURL(/runs\/org-sync-all/)
    assert.equal(served.published.length, 1)
  })

  it('shows whatever a message holds as text: markup, direction marks, 2^63-1, 8 MB', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'console-'))
    const logFile = join(folder, 'functions.log')
    served = await startTestConsole({logFile})
    const markup = '<img src=x onerror="document.title=\'hacked\'"><script>document.title="hacked"</script>'
    const hostile = `${markup}\u202egnp.exe\u0000\u001b[31m`
    const data = JSON.stringify({[hostile]: hostile, big: 0, long: 'x'.repeat(8_000_000)}).replace(
      '"big":0',
      '"big":9223372036854775807',
    )
    add(markup.slice(0, 40), {data, reason: hostile})
    served.entries.push(
      createEntry({
        runId: `bootstrap@${hostile}`,
        requestedBy: hostile,
        at: new Date().toISOString(),
        event: 'succeeded',
        summary: hostile,
        counts: {done: Number.MAX_SAFE_INTEGER},
      }),
    )
    for (const view of [
      '/',
      '/runs',
      '/timeline',
      '/dead-letters',
      `/runs/${encodeURIComponent(`bootstrap@${hostile}`)}`,
    ]) {
      const page = await openView(context, served.url, view)
      assert.equal(await page.locator('img, main script').count(), 0)
      assert.doesNotMatch(await page.title(), /hacked/)
      assert.equal(await page.evaluate(() => /\p{Cf}|[^\P{Cc}\n\t]/u.test(document.body.innerText)), false, view)
      assert.deepEqual(page.errors, [])
      await page.close()
    }
    const page = await openView(context, served.url, '/dead-letters')
    await page.locator('[data-row] button').first().click()
    await page.getByText('9223372036854775807').first().waitFor()
    await page.getByText('more characters').first().waitFor({state: 'attached'})
    served.entries.push(createEntry({runId: 'bootstrap@logged', at: new Date().toISOString()}))
    const line = `2026-11-26 08:00:00.000 error  bootstrap@logged #1`
    await writeFile(logFile, `${line} ${hostile}\n${line} ${'y'.repeat(100_000)}\n`)
    const run = await openView(context, served.url, '/runs/bootstrap%40logged')
    await run.getByRole('heading', {name: 'Log lines'}).click()
    await run.locator('.log').waitFor()
    const log = await run.locator('.log').innerText()
    assert.ok(log.includes(markup), log.slice(0, 300))
    assert.ok(log.length < 10_000)
    assert.equal(await run.locator('img, main script').count(), 0)
    assert.equal(await run.evaluate(() => /\p{Cf}|[^\P{Cc}\n\t]/u.test(document.body.innerText)), false)
    await rm(folder, {recursive: true})
  })

  it('lets no other page read it, act, frame it or listen', async () => {
    served = await startTestConsole({})
    add('1')
    const evil = createServer((_request, response) =>
      response.writeHead(200, {'content-type': 'text/html'}).end('<body>hello</body>'),
    )
    await new Promise<void>(resolve => evil.listen(0, '127.0.0.1', resolve))
    const {port} = evil.address() as AddressInfo
    const consolePort = new URL(served.url).port
    try {
      for (const origin of [
        `http://127.0.0.1:${port}`,
        `http://evil.test:${port}`,
        `http://evil.test:${consolePort}`,
      ]) {
        const page = await context.newPage()
        const response = await page.goto(`${origin}/`).catch(() => undefined)
        if (origin.endsWith(consolePort)) {
          assert.equal(response?.status(), 403)
          continue
        }
        const outcomes = await page.evaluate(async target => {
          const tries: string[] = []
          for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) {
            for (const mode of ['cors', 'no-cors'] as const) {
              const body = method === 'GET' ? {} : {body: '{"ids":["1"],"reason":"x"}'}
              const answer = await fetch(`${target}/api/discards`, {
                method,
                mode,
                credentials: 'include',
                ...body,
              }).catch(() => undefined)
              if (answer !== undefined && answer.type !== 'opaque') tries.push(`${method} ${mode} ${answer.status}`)
            }
          }
          const form = document.createElement('form')
          Object.assign(form, {
            method: 'POST',
            action: `${target}/api/discards`,
            enctype: 'text/plain',
            target: 'frame',
          })
          const frame = document.createElement('iframe')
          Object.assign(frame, {name: 'frame', src: `${target}/`})
          document.body.append(frame, form)
          form.submit()
          const source = new EventSource(`${target}/api/overview`)
          await new Promise(resolve => {
            source.onerror = resolve
            source.onopen = () => resolve(tries.push('stream'))
          })
          source.close()
          return tries
        }, `http://127.0.0.1:${consolePort}`)
        assert.deepEqual(outcomes, [], origin)
        const framed = page.frames().find(frame => frame.url().includes(consolePort))
        if (framed !== undefined) assert.equal(await framed.locator('#app').count(), 0)
      }
      assert.equal(served.deadLetters.length, 1)
      assert.deepEqual([served.published, served.acknowledged], [[], []])
    } finally {
      evil.close()
      evil.closeAllConnections()
    }
  })
})
