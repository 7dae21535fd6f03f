import assert from 'node:assert/strict'
import type {Browser, BrowserContext} from 'playwright-core'
import {launchChromium} from '../support/chromium.ts'
import {addDeadLetter, openView, startTestConsole, type TestConsole} from './console-harness.ts'

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

  const add = (id: string, given: Parameters<typeof addDeadLetter>[2] = {}) =>
    served === undefined ? undefined : addDeadLetter(served, id, given)

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
})
