import assert from 'node:assert/strict'
import type {Browser, Page} from 'playwright-core'
import {launchChromium} from '../support/chromium.ts'
import {createEntry, createFinalError} from '../support/ledger-entry.ts'
import {findFlaws, installAxe} from './axe.ts'
import {openView, show, startTestConsole, type TestConsole} from './console-harness.ts'

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

  /** One page a theme and scale, with axe in it: what differs is its width. */
  const pages = new Map<string, Promise<Page>>()
  async function pageOf(colorScheme: 'light' | 'dark', deviceScaleFactor: number): Promise<Page | undefined> {
    if (browser === undefined) return undefined
    const known = browser
    const open = async () => {
      const page = await openView(await known.newContext({deviceScaleFactor, colorScheme}), served.url)
      await installAxe(page)
      return page
    }
    const key = `${colorScheme} ${deviceScaleFactor}`
    const page = pages.get(key) ?? open()
    pages.set(key, page)
    return page
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [width, scale] of [
      [320, 1],
      [768, 1],
      [1440, 1],
      [640, 2],
    ] as const) {
      it(`has no findings by axe, and nothing beyond its edge: ${colorScheme}, ${width} pixels at ${scale * 100} %`, async () => {
        const page = await pageOf(colorScheme, scale)
        if (page === undefined) return
        await page.setViewportSize({width: Math.round(width / scale), height: 800})
        const findings: string[] = []
        for (const view of views) {
          await show(page, view)
          findings.push(...(await findFlaws(page)).map(text => `${view} ${text}`))
        }
        assert.deepEqual(findings, [])
      })
    }
  }

  for (const width of [400, 800, 1000]) {
    it(`gives what a run says the width of the page, and scrolls nothing sideways: ${width} pixels`, async () => {
      const page = await pageOf('light', 1)
      if (page === undefined) return
      await page.setViewportSize({width, height: 800})
      await show(page, '/runs')
      const measured = await page.evaluate(() => ({
        narrowest: Math.min(
          ...[...document.querySelectorAll('.runs td.wide:not(:empty)')].map(cell => cell.clientWidth),
        ),
        beyond: [...document.querySelectorAll('.scroll')].map(part => part.scrollWidth - part.clientWidth),
      }))
      assert.ok(measured.narrowest > width * 0.8, `${measured.narrowest} of ${width} px`)
      assert.deepEqual(measured.beyond, [0])
    })
  }

  it('lines up what filters runs, and lets no mark touch its word', async () => {
    const page = await pageOf('light', 1)
    if (page === undefined) return
    await page.setViewportSize({width: 1440, height: 800})
    await show(page, '/runs')
    const tops = await page.evaluate(() =>
      [...document.querySelectorAll('.filters label')].map(label => label.getBoundingClientRect().top),
    )
    assert.equal(new Set(tops).size, 1, tops.join())
    const beyond = await page.evaluate(() => {
      const mark = document.querySelector('.outcome .mark')
      const word = mark?.nextSibling
      if (mark === null || !word) return undefined
      mark.textContent = '⌫'
      const range = document.createRange()
      range.selectNodeContents(mark)
      const glyph = range.getBoundingClientRect()
      range.selectNodeContents(word)
      return range.getBoundingClientRect().left - glyph.right
    })
    assert.ok(beyond !== undefined && beyond > 0, `${beyond} px between mark and word`)
  })

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
