import type {Browser, BrowserContext} from 'playwright-core'
import {launchChromium} from '../support/chromium.ts'
import {startTestConsole, type TestConsole} from './console-harness.ts'

export type ConsoleScene = {
  /** A new one for each test. */
  readonly context: BrowserContext
  readonly browser: Browser
  /** The console that the test started last. */
  readonly served: TestConsole
  /** Starts a console that ends with its test. */
  readonly start: (options: Parameters<typeof startTestConsole>[0]) => Promise<TestConsole>
}

/**
 * One browser for the tests of a suite, and a context for each. Where there is no Chromium they skip, and say why.
 *
 * @param options.hosts names that resolve to an address, beside those of loopback.
 */
export function useConsoleScene(options: {readonly hosts?: Readonly<Record<string, string>>} = {}): ConsoleScene {
  let browser: Browser | undefined
  let context: BrowserContext | undefined
  let served: TestConsole | undefined
  before(async function () {
    browser = await launchChromium({...options, onMissing: reason => process.stdout.write(`    ${reason}\n`)})
    if (browser === undefined) this.skip()
  })
  after(() => browser?.close())
  beforeEach(async () => {
    context = await browser?.newContext({viewport: {width: 1280, height: 900}})
  })
  afterEach(async () => {
    await context?.close()
    await served?.stop()
    served = undefined
  })
  const present = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new Error('it is there only while a test runs')
    return thing
  }
  return {
    get context() {
      return present(context)
    },
    get browser() {
      return present(browser)
    },
    get served() {
      return present(served)
    },
    async start(given) {
      served = await startTestConsole(given)
      return served
    },
  }
}
