import {existsSync} from 'node:fs'
import {type Browser, chromium} from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Nothing that a browser does on its own: no first run, no updates, no accounts, no network but what a page asks for. */
const quiet = [
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
]

/**
 * Starts a real browser, headless, with a new and empty profile.
 *
 * @param options.hosts names that resolve to an address: `{'evil.test': '127.0.0.1'}`; every other name resolves to none.
 * @param options.onMissing is told why there is none: the test then skips.
 * @returns undefined where no Chromium is installed.
 */
export async function launchChromium(options: {
  readonly hosts?: Readonly<Record<string, string>>
  readonly onMissing: (reason: string) => void
}): Promise<Browser | undefined> {
  const executablePath = places.find(place => existsSync(place))
  if (executablePath === undefined) {
    options.onMissing(`no Chromium at ${places.join(', ')}: its tests are skipped`)
    return undefined
  }
  const rules = Object.entries(options.hosts ?? {}).map(([name, address]) => `MAP ${name} ${address}`)
  const resolver = [...rules, 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1', 'EXCLUDE localhost'].join(', ')
  return chromium.launch({
    executablePath,
    headless: true,
    // Chromium's own sandbox doesn't start for root, and CI is often root.
    chromiumSandbox: false,
    args: [...quiet, `--host-resolver-rules=${resolver}`],
  })
}
