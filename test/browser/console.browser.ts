import assert from 'node:assert/strict'
import {appendFile, mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {createEntry, createFinalError} from '../support/ledger-entry.ts'
import {openView, startTestConsole, type TestConsole} from './console-harness.ts'
import {useConsoleScene} from './console-scene.ts'

/** The console's page in a real browser, on worlds that no sandbox would have: very large, hostile, or broken. */
describe('the console in a browser', function () {
  this.timeout(120_000)
  const scene = useConsoleScene()

  it("shows the end of a run's log, also the lines that are listed half a minute late", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'console-'))
    const logFile = join(folder, 'functions.log')
    const write = (text: string) => appendFile(logFile, `2026-11-26 08:00:00.000 info  bootstrap@logged #1 ${text}\n`)
    let ahead = 0
    const served = await scene.start({logFile, now: () => new Date(Date.now() + ahead)})
    served.entries.push(createEntry({runId: 'bootstrap@logged', at: new Date().toISOString()}))
    await write('claimed')
    await scene.context.clock.install()
    const page = await openView(scene.context, served.url, '/runs/bootstrap%40logged')
    await page.getByRole('heading', {name: 'Log lines'}).click()
    await page.locator('.log').getByText('claimed').waitFor()
    const wait = async (milliseconds: number) => {
      ahead += milliseconds
      const answer = page.waitForResponse(response => response.url().endsWith('/logs'))
      await page.clock.fastForward(milliseconds)
      await answer
    }
    await write('done')
    served.entries.push(
      createEntry({runId: 'bootstrap@logged', event: 'succeeded', summary: 'all well', at: new Date().toISOString()}),
    )
    await page.locator('.lead').getByText('all well').waitFor()
    await page.locator('.log').getByText('done').waitFor()
    await wait(11_000)
    await write('late')
    await wait(15_000)
    await page.locator('.log').getByText('late').waitFor()
    await rm(folder, {recursive: true})
  })

  /** Runs of all jobs, one a minute, going back from now. */
  function manyRuns(count: number): LedgerEntry[] {
    const jobs = ['bootstrap', 'org-sync-all', 'daily-alerts', 'daily-quota-reset', 'daily-stale-cleanup']
    return Array.from({length: count}, (_, index) => {
      const at = Date.now() - (count - index) * 30_000
      const job = jobs[index % jobs.length] ?? 'bootstrap'
      const common = {runId: `${job}@${String(index).padStart(8, '0')}`, job, messageId: `m-${index}`}
      const end =
        index % 50 === 0
          ? {event: 'failed' as const, error: createFinalError('permanent')}
          : {event: 'succeeded' as const}
      return [
        createEntry({...common, at: new Date(at).toISOString()}),
        createEntry({...common, ...end, at: new Date(at + 4000).toISOString(), counts: {done: 12}}),
      ]
    }).flat()
  }

  it('shows 100,000 runs with few nodes, filters them, and keeps each a row that can be found', async () => {
    const served = await scene.start({entries: manyRuns(100_000)})
    for (const view of ['/', '/timeline?range=90d', '/timeline?range=24h', '/runs']) {
      const page = await openView(scene.context, served.url, view)
      const nodes = await page.evaluate(() => document.querySelectorAll('*').length)
      assert.ok(nodes < 5000, `${view} has ${nodes} nodes`)
      assert.deepEqual(page.errors, [])
      await page.close()
    }
    const page = await openView(scene.context, served.url, '/runs?job=bootstrap&outcome=failed')
    await page.getByText('2,000 runs, page 1 of 20').waitFor()
    assert.equal(await page.locator('tbody tr').count(), 100)
    await page.getByRole('link', {name: 'Older'}).click()
    await page.getByText('page 2 of 20').waitFor()
  })

  it('moves and closes nothing under the reader while runs go on', async () => {
    const served = await scene.start({})
    for (let index = 0; index < 40; index += 1) served.deadLetters.push(createReceived(String(index)))
    const page = await openView(scene.context, served.url, '/dead-letters')
    await page.getByLabel('Choose dead letter 3', {exact: true}).check()
    await page.getByLabel('Choose dead letter 5', {exact: true}).check()
    await page.getByRole('button', {name: '7', exact: true}).click()
    await page.locator('.card details').first().click()
    await page.locator('.card').scrollIntoViewIfNeeded()
    const reason = page.getByLabel('Reason to discard')
    await reason.fill('half a rea')
    await page.evaluate(() => getSelection()?.selectAllChildren(document.querySelector('.card pre') ?? document.body))
    await reason.focus()
    await page.evaluate(() => scrollTo(0, 150))
    const seen = () =>
      page.evaluate(() => ({
        scroll: scrollY,
        ticked: document.querySelectorAll('input:checked').length,
        open: document.querySelectorAll('.card details[open]').length,
        focus: document.activeElement?.tagName,
        typed: [...document.querySelectorAll('input')].map(input => input.value).join(),
        top: document.querySelector('.card')?.getBoundingClientRect().top,
      }))
    const before = await seen()
    for (let update = 0; update < 50; update += 1) {
      served.entries.push(
        createEntry({
          runId: `bootstrap@${update}`,
          at: new Date().toISOString(),
          leaseUntil: new Date(Date.now() + 60_000),
        }),
      )
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    }
    await page.waitForResponse(response => response.url().includes('/api/dead-letters') && response.ok())
    await page.waitForResponse(response => response.url().includes('/api/overview') && response.ok())
    assert.deepEqual(await seen(), before)
  })

  it('counts what is new above the runs that are read, instead of pushing them down', async () => {
    const served = await scene.start({entries: manyRuns(30)})
    const page = await openView(scene.context, served.url, '/runs')
    const first = await page.locator('tbody tr').first().innerText()
    served.entries.push(createEntry({runId: 'bootstrap@new', at: new Date().toISOString()}))
    const button = page.getByRole('button', {name: '1 new'})
    await button.waitFor()
    assert.equal(await page.locator('tbody tr').first().innerText(), first)
    await button.click()
    assert.match(await page.locator('tbody tr').first().innerText(), /running/)
  })

  it('serves 12 tabs with one reader, and reads nothing while none is visible', async () => {
    const served = await scene.start({entries: manyRuns(20)})
    const asked: string[] = []
    const pending = new Set<unknown>()
    scene.context.on('request', request => {
      pending.add(request)
      if (request.url().includes('/api/')) asked.push(request.url())
    })
    scene.context.on('requestfinished', request => void pending.delete(request))
    scene.context.on('requestfailed', request => void pending.delete(request))
    // One clock for the context: pages that install it at the same time get in each other's way.
    await scene.context.clock.install()
    const pages = await Promise.all(
      Array.from({length: 12}, async () => {
        const page = await scene.context.newPage()
        await page.goto(`${served?.url}&open=%2F`)
        await page.locator('.provenance').waitFor()
        return page
      }),
    )
    assert.ok(served.reads() <= 12, `${served.reads()} reads for 12 tabs`)
    for (const page of pages) {
      await page.evaluate(() => {
        Object.defineProperty(document, 'visibilityState', {value: 'hidden'})
        document.dispatchEvent(new Event('visibilitychange'))
      })
    }
    while (pending.size > 0) await pages[0]?.evaluate(() => undefined)
    asked.splice(0)
    const reads = served.reads()
    await scene.context.clock.runFor('00:01:00')
    assert.deepEqual(asked, [])
    assert.equal(served.reads(), reads)
  })

  it('keeps its memory and its listeners over eight hours of polling, and goes on after a sleep', async () => {
    const served = await scene.start({entries: manyRuns(200)})
    const page = await scene.context.newPage()
    await page.clock.install()
    await page.goto(`${served.url}&open=%2F`)
    await page.locator('.provenance').waitFor()
    const devTools = await scene.context.newCDPSession(page)
    const measure = async () => {
      await devTools.send('HeapProfiler.collectGarbage')
      const counters = await devTools.send('Memory.getDOMCounters')
      return {...counters, heap: (await devTools.send('Runtime.getHeapUsage')).usedSize}
    }
    await page.clock.runFor('00:05:00')
    const before = await measure()
    // Asleep for most of it, since a machine that sleeps fires each timer once; then two hours of polls.
    await page.clock.fastForward('06:00:00')
    for (let round = 0; round < 20; round += 1) await page.clock.runFor('00:06:00')
    const after = await measure()
    assert.ok(
      after.jsEventListeners <= before.jsEventListeners + 20,
      `${before.jsEventListeners} → ${after.jsEventListeners} listeners`,
    )
    assert.ok(after.heap <= before.heap * 1.25 + 2_000_000, `${before.heap} → ${after.heap} bytes`)
    assert.ok(after.nodes <= before.nodes * 1.2 + 200, `${before.nodes} → ${after.nodes} nodes`)
    served.entries.push(
      createEntry({runId: 'bootstrap@late', at: new Date().toISOString(), leaseUntil: new Date(Date.now() + 600_000)}),
    )
    await page.clock.resume()
    await page.getByRole('link', {name: 'bootstrap@late'}).waitFor()
  })

  it('says unknown, never zero, for each part that does not answer', async () => {
    const served = await scene.start({entries: manyRuns(10)})
    for (const [part, subject] of [
      ['ledger', 'runs'],
      ['dead letters', 'dead letters'],
      ['schedules', 'schedules'],
    ] as const) {
      served.down.add(part)
      const fresh = await startTestConsole({})
      fresh.down.add(part)
      const page = await openView(scene.context, fresh.url, '/')
      await page.getByText(`Unknown: ${subject}.`).waitFor()
      assert.equal(await page.getByText('Nothing needs you.').count(), 0)
      if (part === 'ledger') assert.equal(await page.getByText('no run yet').count(), 0)
      assert.match(await page.getByRole('link', {name: /^Needs me/}).innerText(), /\?$/)
      await page.close()
      await fresh.stop()
      served.down.delete(part)
    }
    const page = await openView(scene.context, served.url, '/')
    assert.equal(await page.getByText('Unknown:').count(), 0)
    await served.stop()
    await page.getByRole('alert').getByText('is its command still running?').waitFor()
  })
})

function createReceived(id: string): TestConsole['deadLetters'][number] {
  return {
    id,
    publishedAt: new Date(),
    data: Buffer.from('{"forceSync": true}'),
    attributes: {job: 'bootstrap', 'deadLetter-sourceTopic': 'manual-jobs'},
  }
}
