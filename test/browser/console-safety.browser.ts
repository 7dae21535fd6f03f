import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createEntry} from '../support/ledger-entry.ts'
import {addDeadLetter, openView} from './console-harness.ts'
import {useConsoleScene} from './console-scene.ts'

/** What a hostile message, page or script could do to the console in a real browser: nothing. */
describe('the console, attacked', function () {
  this.timeout(120_000)
  const scene = useConsoleScene({hosts: {'evil.test': '127.0.0.1'}})

  const add = (id: string, given: Parameters<typeof addDeadLetter>[2] = {}) => addDeadLetter(scene.served, id, given)

  it('shows whatever a message holds as text: markup, direction marks, 2^63-1, 8 MB', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'console-'))
    const logFile = join(folder, 'functions.log')
    const served = await scene.start({logFile})
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
      const page = await openView(scene.context, served.url, view)
      assert.equal(await page.locator('img, main script').count(), 0)
      assert.doesNotMatch(await page.title(), /hacked/)
      assert.equal(await page.evaluate(() => /\p{Cf}|[^\P{Cc}\n\t]/u.test(document.body.innerText)), false, view)
      assert.deepEqual(page.errors, [])
      await page.close()
    }
    const page = await openView(scene.context, served.url, '/dead-letters')
    await page.locator('[data-row] button').first().click()
    await page.getByText('9223372036854775807').first().waitFor()
    await page.getByText('more characters').first().waitFor({state: 'attached'})
    served.entries.push(createEntry({runId: 'bootstrap@logged', at: new Date().toISOString()}))
    const line = `2026-11-26 08:00:00.000 error  bootstrap@logged #1`
    await writeFile(logFile, `${line} ${hostile}\n${line} ${'y'.repeat(100_000)}\n`)
    const run = await openView(scene.context, served.url, '/runs/bootstrap%40logged')
    await run.getByRole('heading', {name: 'Log lines'}).click()
    await run.locator('.log').waitFor()
    const log = await run.locator('.log').innerText()
    assert.ok(log.includes(markup), log.slice(0, 300))
    assert.ok(log.length < 10_000)
    assert.equal(await run.locator('img, main script').count(), 0)
    assert.equal(await run.evaluate(() => /\p{Cf}|[^\P{Cc}\n\t]/u.test(document.body.innerText)), false)
    await rm(folder, {recursive: true})
  })

  it('lets no string become markup or script, in any sink, nor anything load from elsewhere', async () => {
    const served = await scene.start({})
    const page = await openView(scene.context, served.url, '/')
    const outcomes = await page.evaluate(async () => {
      const violations: string[] = []
      addEventListener('securitypolicyviolation', ({effectiveDirective}) => void violations.push(effectiveDirective))
      const markup = '<img src=x onerror="document.title=1">'
      const box = document.createElement('div')
      const frame = document.createElement('iframe')
      const script = document.createElement('script')
      const sinks: readonly (readonly [name: string, use: () => unknown])[] = [
        ['innerHTML', () => (box.innerHTML = markup)],
        ['outerHTML', () => (document.body.appendChild(document.createElement('p')).outerHTML = markup)],
        ['insertAdjacentHTML', () => box.insertAdjacentHTML('beforeend', markup)],
        ['document.write', () => document.write(markup)],
        ['srcdoc', () => (frame.srcdoc = markup)],
        ['parse', () => new DOMParser().parseFromString(markup, 'text/html')],
        ['fragment', () => document.createRange().createContextualFragment(markup)],
        ['script text', () => (script.text = 'document.title = 1')],
        ['script src', () => (script.src = '/page.js')],
        [
          'a policy',
          () =>
            (
              globalThis as {trustedTypes?: {createPolicy: (name: string, rules: object) => object}}
            ).trustedTypes?.createPolicy('mine', {createHTML: (text: string) => text}),
        ],
      ]
      const thrown = sinks.map(([name, use]) => {
        try {
          use()
          return `${name} took it`
        } catch (error) {
          return error instanceof TypeError || error instanceof EvalError ? '' : `${name}: ${error}`
        }
      })
      const fetched = await fetch('http://evil.test/').then(
        () => 'evil.test was asked',
        () => '',
      )
      // The violations are reported in a later turn.
      while (!violations.includes('connect-src')) await new Promise(resolve => setTimeout(resolve))
      return {trouble: [...thrown, fetched].filter(text => text !== ''), violations}
    })
    assert.deepEqual(outcomes.trouble, [])
    const devTools = await scene.context.newCDPSession(page)
    for (const code of ['eval("1")', 'new Function("return 1")()', 'setTimeout("1")']) {
      const expression = `try { ${code}; 'took it' } catch (error) { error.name }`
      // The debugger itself is above the page's policy, unless it is told not to be.
      const {result} = await devTools.send('Runtime.evaluate', {expression, allowUnsafeEvalBlockedByCSP: false})
      assert.match(String(result.value), /^(EvalError|TypeError)$/, code)
    }
    assert.ok(outcomes.violations.includes('require-trusted-types-for'), outcomes.violations.join())
  })

  it('lets no other page read it, act, frame it or listen', async () => {
    const served = await scene.start({})
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
        const page = await scene.context.newPage()
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
