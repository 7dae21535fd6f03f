import assert from 'node:assert/strict'
import type {Browser, BrowserContext} from 'playwright-core'
import {launchChromium} from '../support/chromium.ts'
import {createEntry} from '../support/ledger-entry.ts'
import {openView, startTestConsole, type TestConsole} from './console-harness.ts'

/** The calendar of slots, and making up for what was missed. */
describe("the console's calendar", function () {
  this.timeout(120_000)
  const now = new Date('2026-11-26T12:00:00Z')
  let browser: Browser | undefined
  let context: BrowserContext
  let served: TestConsole
  let moment: Date

  before(async function () {
    browser = await launchChromium({onMissing: reason => process.stdout.write(`    ${reason}\n`)})
    if (browser === undefined) return this.skip()
    context = await browser.newContext({viewport: {width: 1440, height: 900}})
    await context.clock.setFixedTime(now)
  })
  after(() => browser?.close())
  beforeEach(async () => {
    moment = now
    // Daily at 08:00: in time on the 22nd and the 26th, late on the 23rd, missed on the 24th and the 25th.
    const ran = (day: number, minutes: number) => {
      const run = {runId: `daily-alerts@2026-11-${day}T08:00Z`, job: 'daily-alerts', trigger: 'schedule' as const}
      const at = new Date(Date.UTC(2026, 10, day, 8, minutes)).toISOString()
      return [createEntry({...run, at}), createEntry({...run, at, event: 'succeeded'})]
    }
    served = await startTestConsole({
      now: () => moment,
      environment: 'stage',
      entries: [...ran(22, 1), ...ran(23, 40), ...ran(26, 0)],
      deployedSince: new Date('2026-11-22T00:00:00Z'),
      pausedSince: new Map([['daily-pipelines', new Date('2026-11-20T00:00:00Z')]]),
    })
  })
  afterEach(() => served?.stop())

  it('tells each state of a slot by word and by shape: in time, late, missed, paused, to come', async () => {
    const page = await openView(context, served.url, '/timeline')
    const look = (job: string, day: number) =>
      page
        .locator('.calendar tr', {has: page.getByRole('rowheader', {name: job, exact: true})})
        .locator(`[data-slot^="2026-11-${day}"]`)
        .evaluate(cell => {
          const {borderStyle, borderRadius, backgroundColor} = getComputedStyle(cell)
          const isFilled = backgroundColor !== 'rgba(0, 0, 0, 0)'
          const shape = `${cell.textContent} ${borderStyle} ${borderRadius} ${isFilled}`
          return {word: cell.getAttribute('aria-label') ?? '', title: cell.getAttribute('title'), shape}
        })
    await page.locator('[data-slot]').first().waitFor()
    const shapes = new Set<string>()
    for (const [job, day, word] of [
      ['daily-alerts', 22, /^succeeded, slot of 22 Nov 2026, 08:00:00 UTC/],
      ['daily-alerts', 23, /^late: succeeded, began 40 min 0 s after its slot of 23 Nov 2026, 08:00:00 UTC/],
      ['daily-alerts', 25, /^missed, slot of 25 Nov 2026, 08:00:00 UTC.*: catch up$/],
      ['daily-pipelines', 26, /^paused, slot of 26 Nov 2026, 06:00:00 UTC/],
      ['daily-alerts', 27, /^to come, slot of 27 Nov 2026, 08:00:00 UTC/],
    ] as const) {
      const cell = await look(job, day)
      assert.match(cell.word, word)
      assert.equal(cell.title, cell.word)
      shapes.add(cell.shape)
    }
    assert.equal(shapes.size, 5, [...shapes].join('\n'))
    const row = page.locator('.calendar tr', {hasText: 'daily-alerts'})
    await row.getByText('2 ran, 1 late, 2 missed, 7 to come').waitFor()
    await page.close()
  })

  it('catches up with the missed slot that was chosen, and with no other', async () => {
    const page = await openView(context, served.url, '/timeline')
    const missed = page.locator('.calendar tr', {hasText: 'daily-alerts'}).locator('[data-slot^="2026-11-25"]')
    await missed.click()
    const panel = page.getByRole('region', {name: 'Missed slots'})
    await panel.getByRole('button', {name: 'Catch up with 1 slot'}).click()
    await page.getByRole('dialog').getByRole('button', {name: 'Catch up'}).dblclick()
    await panel.locator('.results li').waitFor()
    assert.match(await panel.locator('.results').innerText(), /daily-alerts@2026-11-25T08:00Z: skipped/)
    const added = served.entries.filter(({event}) => event === 'skipped')
    assert.deepEqual(
      added.map(({runId, requestedBy}) => [runId, requestedBy]),
      [['daily-alerts@2026-11-25T08:00Z', 'anna@desk']],
    )
    await page.close()
  })

  it('does what was ticked when it was asked for, whatever is missed since, and shows no command that does more', async () => {
    const page = await openView(context, served.url, '/timeline')
    const panel = page.getByRole('region', {name: 'Missed slots'})
    const row = (day: string) => panel.locator('[data-row]', {hasText: 'daily-alerts'}).filter({hasText: `${day} Nov`})
    const catchUp = panel.getByRole('button', {name: /^Catch up with/})
    await row('24').waitFor()
    const all = Number(/\d+/.exec(await catchUp.innerText())?.[0])
    assert.equal(await panel.locator('[data-row] input:checked').count(), all, 'at first, all are ticked')
    for (const box of await panel.locator('[data-row] input').all()) await box.uncheck()
    await row('24').locator('input').check()
    assert.equal(await panel.getByText(/npm run catch-up/).count(), 0, 'it would run both slots of the job')
    await row('25').locator('input').check()
    await panel.getByText('npm run catch-up -- stage --job daily-alerts').waitFor()
    await row('25').locator('input').uncheck()

    await catchUp.click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 slot,').waitFor()
    moment = new Date('2026-11-27T12:00:00Z')
    await row('27').waitFor()
    assert.equal(await row('27').locator('input').isChecked(), false)
    assert.equal(await panel.locator('[data-row] input:checked').count(), 1)
    await dialog.getByText('1 slot,').waitFor()
    await dialog.getByRole('button', {name: 'Catch up'}).click()
    await panel.locator('.results li').waitFor()
    assert.deepEqual(
      served.entries.filter(({event}) => event === 'skipped').map(({runId}) => runId),
      ['daily-alerts@2026-11-24T08:00Z'],
    )
    assert.match(await panel.locator('.results').innerText(), /^\S+ daily-alerts@2026-11-24T08:00Z: skipped/)
    await page.close()
  })

  it('says unknown for slots whose ledger does not answer, and draws none of them as missed or well', async () => {
    served.down.add('ledger')
    const page = await openView(context, served.url, '/timeline')
    await page.locator('.calendar .slot.unknown').first().waitFor()
    assert.equal(await page.locator('.calendar .slot.missed, .calendar .slot.ran').count(), 0)
    await page.close()
  })
})
