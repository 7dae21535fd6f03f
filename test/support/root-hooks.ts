import terminal from 'node:console'
import {enableCompileCache} from 'node:module'
import {format} from 'node:util'
import sinon from 'sinon'
import {compileCache} from './compile-cache.ts'
import {fakeTimersPromises} from './fake-timers-promises.ts'

enableCompileCache(compileCache)
// For the processes that tests start with this environment.
process.env['NODE_COMPILE_CACHE'] = compileCache
fakeTimersPromises()

/*
 * Hooks of every test: what a test printed without saying so, replaced without putting back, or left running, is named
 * when the run ends. Not in the middle: a hook that fails there ends the run, and hides what else is wrong.
 */

// Off Google Cloud the clients would look for the metadata server, a host that no configuration names.
process.env['METADATA_SERVER_DETECTION'] = 'none'
// As deploy/start.mjs does: bundling takes a fifth less.
process.env['GOGC'] ??= '400'

const unexpected: string[] = []
const leaks: string[] = []

for (const name of ['error', 'warn'] as const) {
  terminal[name] = (...args: unknown[]) => void unexpected.push(`console.${name}: ${format(...args)}`)
}

/** What tests replace; its value now is the one that belongs there. */
const replaceable = {
  clock: () => [Date, setTimeout, setInterval, setImmediate, clearTimeout, clearInterval],
  console: () => [terminal.log, terminal.info, terminal.warn, terminal.error],
  fetch: () => [fetch],
  output: () => [process.stdout.write, process.stderr.write],
  process: () => [process.exit, process.exitCode],
  random: () => [Math.random],
  'working directory': () => [process.cwd()],
}
const originals = Object.entries(replaceable).map(([name, read]) => ({name, read, values: read()}))
let variables: Record<string, string | undefined> = {}

/** What mocha calls before and after each test, and after all. Source: mocha, "Root hook plugins". */
export const mochaHooks = {
  beforeEach() {
    variables = {...process.env}
  },

  afterEach(this: Mocha.Context) {
    const title = this.currentTest?.fullTitle() ?? 'a test'
    for (const text of unexpected.splice(0)) leaks.push(`${title}: printed ${text}`)
    for (const {name, read, values} of originals) {
      const isSame = read().every((value, index) => Object.is(value, values[index]))
      if (!isSame) leaks.push(`${title}: left the ${name} replaced`)
    }
    for (const name of new Set([...Object.keys(variables), ...Object.keys(process.env)])) {
      if (process.env[name] === variables[name]) continue
      leaks.push(`${title}: left the variable ${name} changed`)
      if (variables[name] === undefined) delete process.env[name]
      else process.env[name] = variables[name]
    }
    sinon.restore()
  },

  async afterAll() {
    // A handle that was closed is gone in the next turn of the event loop.
    for (let turn = 0; turn < 3; turn += 1) await new Promise(resolve => setImmediate(resolve))
    const running = process.getActiveResourcesInfo().filter(kind => kind === 'TCPServerWrap' || kind === 'ProcessWrap')
    if (running.length > 0) leaks.push(`the tests: left running ${running.join(', ')}`)
    if (leaks.length > 0) throw new Error(`tests that did not clean up:\n  ${leaks.join('\n  ')}`)
  },
}
