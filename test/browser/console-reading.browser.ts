import assert from 'node:assert/strict'
import axe from 'axe-core'
import type {Browser} from 'playwright-core'
import {launchChromium} from '../support/chromium.ts'
import {createEntry, createFinalError} from '../support/ledger-entry.ts'
import {openView, settled, startTestConsole, type TestConsole} from './console-harness.ts'

type Axe = {readonly run: (options: {resultTypes: string[]}) => Promise<{violations: Violation[]}>}
type Violation = {readonly id: string; readonly nodes: readonly {readonly target: readonly string[]}[]}

/** Reading the console: by keyboard, by screen reader, in either theme, at any width and in any time zone. */
describe('reading the console', function () {
  this.timeout(180_000)
  let browser: Browser | undefined
  let served: TestConsole

  before(async function () {
    browser = await launchChromium({onMissing: reason => process.stdout.write(`    ${reason}\n`)})
    if (browser === undefined) return this.skip()
    served = await startTestConsole({})
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()
    const outcomes = ['succeeded', 'degraded', 'skipped', 'failed', 'continued'] as const
    for (const [index, event] of outcomes.entries()) {
      const runId = `org-sync-all@${index}`
      const error = event === 'failed' ? {error: createFinalError('permanent')} : {}
      served.entries.push(
        createEntry({runId, job: 'org-sync-all', at: hoursAgo(5 - index)}),
        createEntry({
          runId,
          job: 'org-sync-all',
          event,
          at: hoursAgo(4.9 - index),
          counts: {done: 3, total: 9},
          ...error,
        }),
      )
    }
    served.entries.push(
      createEntry({runId: 'bootstrap@live', at: hoursAgo(0), leaseUntil: new Date(Date.now() + 3_600_000)}),
    )
    served.deadLetters.push({id: '1', publishedAt: new Date(), data: Buffer.from('{}'), attributes: {}})
  })
  after(async () => {
    await browser?.close()
    await served?.stop()
  })

  const views = [
    '/',
    '/timeline',
    '/runs',
    '/runs/org-sync-all%403',
    '/dead-letters?ids=1',
    '/publish/org-sync-all',
    '/release',
  ]

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [width, scale] of [
      [320, 1],
      [768, 1],
      [1440, 1],
      [640, 2],
    ] as const) {
      it(`has no findings by axe, and nothing beyond its edge: ${colorScheme}, ${width} pixels at ${scale * 100} %`, async () => {
        const context = await browser?.newContext({
          viewport: {width: Math.round(width / scale), height: 800},
          deviceScaleFactor: scale,
          colorScheme,
        })
        if (context === undefined) return
        const findings: string[] = []
        const page = await openView(context, served.url)
        // The page's own policy keeps foreign scripts out: axe comes through the debugger.
        await page.evaluate(axe.source)
        for (const view of views) {
          await page.evaluate(to => {
            location.hash = to
          }, view)
          await settled(page)
          const violations = await page.evaluate(async (): Promise<Violation[]> => {
            const {axe} = globalThis as unknown as {axe: Axe}
            // What passes isn't looked at, so it need not be described either.
            return (await axe.run({resultTypes: ['violations']})).violations
          })
          findings.push(
            ...violations.map(({id, nodes}) => `${view} ${id}: ${nodes.map(({target}) => target).join(', ')}`),
          )
          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          )
          if (overflow > 0) findings.push(`${view} is ${overflow} pixels too wide`)
        }
        await context.close()
        assert.deepEqual(findings, [])
      })
    }
  }

  it('is used by keyboard alone', async () => {
    const context = await browser?.newContext()
    if (context === undefined) return
    const page = await openView(context, served.url, '/')
    await page.keyboard.press('/')
    await page.waitForURL(/#\/runs/)
    await page.waitForFunction(() => document.activeElement?.getAttribute('type') === 'search')
    await page.keyboard.type('no such run')
    await page.keyboard.press('Enter')
    await page.getByText('No run matches.').waitFor()
    await page.getByRole('link', {name: 'Show all'}).focus()
    await page.keyboard.press('Enter')
    await page.locator('tbody tr').first().waitFor()
    await page.evaluate(() =>
      document.activeElement instanceof HTMLElement ? document.activeElement.blur() : undefined,
    )
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    const focused = await page.evaluate(() => document.activeElement?.closest('tr')?.rowIndex)
    assert.equal(focused, 1)
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/runs\/./)
    await page.keyboard.press('?')
    await page.getByRole('heading', {name: 'Keyboard'}).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await page.waitForURL(/#\/timeline/)
    await context.close()
  })

  it('tells every outcome by a word or a shape of its own, without colour', async () => {
    const context = await browser?.newContext()
    if (context === undefined) return
    const page = await openView(context, served.url, '/runs')
    const marks = await page.evaluate(() => [...document.querySelectorAll('.outcome')].map(node => node.textContent))
    for (const outcome of ['succeeded', 'degraded', 'skipped', 'failed', 'running']) {
      assert.ok(
        marks.some(mark => mark?.endsWith(outcome)),
        outcome,
      )
    }
    assert.equal(new Set(marks.map(mark => mark?.[0])).size, new Set(marks.map(mark => mark?.slice(1))).size)
    await context.close()
  })
})
