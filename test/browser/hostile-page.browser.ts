import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import type {Browser} from 'playwright-core'
import {launchChromium} from '../support/chromium.ts'
import {startTestSandbox, type TestSandbox} from '../support/test-sandbox.ts'

/*
 * A web page that somebody opens while the sandbox is up, in a real browser: on another site, on another port of this
 * machine, and under a name that its owner made to resolve to 127.0.0.1. None of them may read or change anything.
 */
describe('a hostile web page', function () {
  this.timeout(60_000)
  let browser: Browser | undefined
  let sandbox: TestSandbox
  let runs = 0
  let pages: {readonly port: number; readonly stop: () => Promise<void>}

  before(async function () {
    browser = await launchChromium({
      hosts: {'evil.test': '127.0.0.1', 'rebound.test': '127.0.0.1'},
      onMissing: reason => process.stdout.write(`    ${reason}\n`),
    })
    if (browser === undefined) return this.skip()
    ;[sandbox, pages] = await Promise.all([startTestSandbox(), startPages()])
  })
  after(async () => {
    await browser?.close()
    await pages?.stop()
    await sandbox?.stop()
  })

  const project = 'projects/cloudact-local'
  const urls = () => {
    const {pubSubHost, bigQueryUrl, adminApiUrl, supabaseUrl, controlUrl} = sandbox.addresses
    const functions = sandbox.functions.urlOf('cloudact-daily-alerts')
    return {
      pubSub: `http://${pubSubHost}`,
      bigQuery: bigQueryUrl,
      adminApi: adminApiUrl,
      supabase: supabaseUrl,
      control: controlUrl,
      functions,
    }
  }
  const message = JSON.stringify({
    messages: [{attributes: {job: 'daily-alerts', runId: 'daily-alerts@hostile'}, data: btoa('{}')}],
  })
  const push = JSON.stringify({
    message: {attributes: {job: 'daily-alerts', runId: 'daily-alerts@hostile'}, data: btoa('{}'), messageId: '1'},
    subscription: 'evil',
  })
  /** What would change something, if the server read the body whatever it is called. */
  const attacks = () => [
    {url: `${urls().pubSub}/v1/${project}/topics/cloudact-daily-alerts:publish`, body: message},
    {url: `${urls().bigQuery}/bigquery/v2/${project}/datasets`, body: '{"datasetReference": {"datasetId": "hostile"}}'},
    {url: `${urls().functions}/${project}/topics/cloudact-daily-alerts`, body: push},
  ]

  for (const [what, host] of [
    ['another site', 'evil.test'],
    ['another port of this machine', '127.0.0.1'],
  ] as const) {
    it(`on ${what} changes nothing by what needs no preflight`, async () => {
      const page = await open(`http://${host}:${pages.port}/`)
      for (const attack of attacks()) await page.evaluate(`attack(${JSON.stringify(attack)})`)
      await nothingHappened()
    })

    it(`on ${what} reads nothing, and may not ask with a preflight`, async () => {
      const page = await open(`http://${host}:${pages.port}/`)
      for (const [name, url] of Object.entries(urls())) {
        const outcomes = await page.evaluate(async url => {
          const tries = [
            () => fetch(url),
            () => fetch(`${url}/health`),
            () => fetch(url, {method: 'POST', headers: {'content-type': 'application/json'}, body: '{}'}),
            () => fetch(url, {method: 'PUT', body: '{}'}),
          ]
          return Promise.all(
            tries.map(ask =>
              ask().then(
                () => 'answered',
                () => 'refused',
              ),
            ),
          )
        }, url)
        assert.deepEqual(outcomes, Array(4).fill('refused'), name)
      }
      await nothingHappened()
    })
  }

  it('under a name that resolves to this machine gets refusals only', async () => {
    for (const [name, url] of Object.entries(urls())) {
      const {port, pathname} = new URL(url)
      const page = await open(`http://rebound.test:${port}/`)
      const answers = await page.evaluate(
        async path => {
          const json = {'content-type': 'application/json'}
          const tries = [
            () => fetch(`${path}/health`),
            () => fetch(`${path}/`, {method: 'POST', headers: json, body: '{}'}),
            () => fetch(`${path}/`, {method: 'DELETE'}),
          ]
          return Promise.all(
            tries.map(ask => ask().then(async answer => [answer.status, await answer.text()] as const)),
          )
        },
        pathname.replace(/\/$/, ''),
      )
      for (const [status, text] of answers) {
        assert.equal(status, 403, name)
        assert.match(text, /the Host header must be 127\.0\.0\.1:\d+ or localhost:\d+/, name)
      }
    }
    await nothingHappened()
  })

  async function open(url: string) {
    const page = await browser?.newPage()
    if (page === undefined) throw new Error('there is no browser')
    await page.goto(url)
    return page
  }

  async function nothingHappened(): Promise<void> {
    const datasets = await sandbox.bigQuery.execute(
      "SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'hostile'",
    )
    assert.deepEqual(datasets, [], 'no dataset was made')
    // One at a time, in their order: by the end of this run a hostile one before it would have ended, too.
    runs += 1
    await sandbox.run('daily-alerts', `honest-${runs}`)
    assert.deepEqual(await sandbox.ledger.history('daily-alerts@hostile'), [], 'nothing ran')
    assert.equal(sandbox.adminApi.requestLog.done.length, runs, 'nobody else called the API')
  }
})

/** The server that the page comes from. */
async function startPages(): Promise<{port: number; stop: () => Promise<void>}> {
  const html = await readFile(new URL('./hostile-page.html', import.meta.url))
  const server = createServer((_, response) => {
    response.writeHead(200, {'content-type': 'text/html'}).end(html)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
