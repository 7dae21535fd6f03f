import axe from 'axe-core'
import type {Page} from 'playwright-core'

type Violation = {readonly id: string; readonly nodes: readonly {readonly target: readonly string[]}[]}
type Axe = {readonly run: (options: {resultTypes: string[]}) => Promise<{violations: Violation[]}>}

/** Puts axe into a page. Its own policy keeps foreign scripts out: this one comes through the debugger. */
export async function installAxe(page: Page): Promise<void> {
  await page.evaluate(axe.source)
}

/** What axe finds in a page as it is, and whether it is wider than its window. */
export async function findFlaws(page: Page): Promise<string[]> {
  const violations = await page.evaluate(async (): Promise<Violation[]> => {
    const {axe} = globalThis as unknown as {axe: Axe}
    // What passes isn't looked at, so it need not be described either.
    return (await axe.run({resultTypes: ['violations']})).violations
  })
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  const found = violations.map(({id, nodes}) => `${id}: ${nodes.map(({target}) => target).join(', ')}`)
  return overflow > 0 ? [...found, `${overflow} pixels too wide`] : found
}
