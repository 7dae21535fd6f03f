import assert from 'node:assert/strict'
import type {Page} from 'playwright-core'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** When the clocks of a time zone were changed last, at least two days ago. */
export function lastClockChange(timeZone: string, now: Date): Date {
  const hour = 3_600_000
  const format = new Intl.DateTimeFormat('en-US', {timeZone, timeZoneName: 'longOffset', hour: 'numeric'})
  const offset = (moment: number) => format.formatToParts(moment).find(({type}) => type === 'timeZoneName')?.value
  let moment = Math.floor(now.getTime() / hour) * hour - 48 * hour
  while (offset(moment) === offset(moment - hour)) moment -= hour
  return new Date(moment)
}

/** `2026-11-01 05:30:00`, as the commands print it, in the page's words: without anybody's calendar. */
export function toPageWords(printed: string): {readonly short: string; readonly full: string} {
  const [, year = '', month = '', day = '', time = ''] = /^(\d{4})-(\d\d)-(\d\d) (\S+)$/.exec(printed) ?? []
  const name = months[Number(month) - 1] ?? ''
  // British English writes September with four letters.
  const written = name === 'Sep' ? 'Sept' : name
  return {short: `${day} ${written}, ${time.slice(0, 5)}`, full: `${day} ${written} ${year}, ${time} UTC`}
}

/** What the reader's own clock shows at a moment that was printed in UTC: `31 Oct, 22:30`. */
export function ownClock(printed: string, timeZone: string): string {
  const options = {day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23'} as const
  return new Intl.DateTimeFormat('en-GB', {timeZone, ...options}).format(new Date(`${printed.replace(' ', 'T')}Z`))
}

/** Holds a row of the list of runs against what `npm run runs` printed. */
export async function checkListed(page: Page, runId: string, printed: string, timeZone: string): Promise<void> {
  const time = page.locator('tbody tr', {has: page.locator(`a[title="${runId}"]`)}).locator('time')
  const words = toPageWords(printed)
  assert.equal((await time.getAttribute('datetime'))?.slice(0, 19), printed.replace(' ', 'T'))
  const own = timeZone === 'UTC' ? '' : ` ${ownClock(printed, timeZone)} here`
  assert.equal(await time.textContent(), `${words.short}${own}`, runId)
  assert.ok((await time.getAttribute('title'))?.startsWith(words.full), runId)
}

/** Holds a run's bar, its place between the ticks and its words against what `npm run runs` printed. */
export async function checkDrawn(page: Page, runId: string, printed: string): Promise<void> {
  const run = page.locator(`.lanes a[href="#/runs/${encodeURIComponent(runId)}"]`)
  assert.ok((await run.getAttribute('aria-label'))?.includes(toPageWords(printed).full), runId)
  const x = Number(await run.locator('rect').first().getAttribute('x')) / 10
  const ticks = await page
    .locator('.axis span')
    .evaluateAll(spans =>
      spans.map(span => [span.textContent ?? '', Number.parseFloat((span as HTMLElement).style.left)] as const),
    )
  // Two midnights by name say where each moment of their scale is.
  const days = ticks.flatMap(([label, left]) => (/ /.test(label) ? [{label, left}] : []))
  const [first, second] = days
  if (first === undefined || second === undefined) throw new Error(`the axis has no two days: ${ticks.join(' ')}`)
  const midnight = (label: string) => {
    const [day = '', month = ''] = label.split(' ')
    return Date.UTC(Number(printed.slice(0, 4)), months.indexOf(month.slice(0, 3)), Number(day))
  }
  const scale = (second.left - first.left) / (midnight(second.label) - midnight(first.label))
  const expected = first.left + (Date.parse(`${printed.replace(' ', 'T')}Z`) - midnight(first.label)) * scale
  assert.ok(Math.abs(x - expected) < 0.01, `${runId} is drawn at ${x} %, and ${expected} % is its moment`)
}

/** Holds a slot's cell, the column that it stands in and its words against the slot that a run id names. */
export async function checkSlot(page: Page, runId: string): Promise<void> {
  const slot = runId.replace(/^.*@/, '').replace('Z', ':00.000Z')
  const cell = page.locator(`[data-slot="${slot}"]`).and(page.locator(`a[href="#/runs/${encodeURIComponent(runId)}"]`))
  assert.ok((await cell.getAttribute('aria-label'))?.includes(toPageWords(slot.slice(0, 19).replace('T', ' ')).full))
  const day = await cell.evaluate(link => {
    const column = (link.closest('td') as HTMLTableCellElement).cellIndex
    return link.closest('table')?.querySelectorAll<HTMLTableRowElement>('thead tr')[1]?.cells[column]?.textContent
  })
  assert.equal(day, String(Number(slot.slice(8, 10))), runId)
}
