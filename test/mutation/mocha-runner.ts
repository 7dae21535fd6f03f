import Mocha from 'mocha'
import * as z from 'zod'

/*
 * Stryker's test runner, for a mocha that its own doesn't know: loads the tests once, and then runs for each mutant those
 * that come by it, in the same process. A mutant is switched on by its number, which the instrumented code asks for each
 * time. Loaded by Stryker into processes of its own, in the copy of the project that it has changed.
 */

/** What Stryker's instrumented code shares with the runner. Source: @stryker-mutator/instrumenter, syntax-helpers. */
type Shared = {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  mutantCoverage?: object
}
type MutantRun = {
  readonly activeMutant: {readonly id: string}
  readonly testFilter?: readonly string[]
  readonly hitLimit?: number
  readonly mutantActivation: 'static' | 'runtime'
}
type Ended = {readonly id: string; readonly name: string; readonly timeSpentMs: number} & (
  | {readonly status: 0 | 2}
  | {readonly status: 1; readonly failureMessage: string}
)

/** Without a mutant, on a busy machine. */
const firstTimeoutMilliseconds = 60_000
/** With one, a test has this and five times what it took without: what hangs costs no more. */
const spareMilliseconds = 3000
/** In a process that has not run them all. */
const unknownMilliseconds = 4000
const optionsSchema = z.object({mocha: z.object({files: z.array(z.string())})})

const shared: Shared = {}
Object.assign(globalThis, {__stryker__: shared})

function createRunner(options: unknown) {
  const {files} = optionsSchema.parse(options).mocha
  const milliseconds = new Map<string, number>()
  let isFirstRun = false
  let loading: Promise<Mocha> | undefined

  async function load(): Promise<Mocha> {
    const hooks = await import(`${process.cwd()}/test/support/root-hooks.ts`)
    const {beforeEach, afterEach} = hooks.mochaHooks
    const mocha = new Mocha({
      bail: true,
      reporter: Mocha.reporters.Base,
      timeout: firstTimeoutMilliseconds,
      rootHooks: {
        beforeEach: [
          beforeEach,
          function (this: Mocha.Context) {
            const id = this.currentTest?.fullTitle() ?? ''
            shared.currentTestId = id
            if (!isFirstRun)
              this.currentTest?.timeout(spareMilliseconds + 5 * (milliseconds.get(id) ?? unknownMilliseconds))
          },
        ],
        afterEach: [
          afterEach,
          () => {
            shared.currentTestId = undefined
          },
        ],
      },
    })
    mocha.cleanReferencesAfterRun(false)
    for (const file of files) mocha.addFile(`${process.cwd()}/${file}`)
    await mocha.loadFilesAsync()
    return mocha
  }

  function loadOnce(): Promise<Mocha> {
    loading ??= load()
    return loading
  }

  async function run(titles: readonly string[] | undefined): Promise<Ended[]> {
    const mocha = await loadOnce()
    const pattern = titles?.map(title => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
    mocha.grep(new RegExp(pattern === undefined ? '' : `^(?:${pattern})$`))
    const ended: Ended[] = []
    await new Promise<void>(resolve => {
      const runner = mocha.run(() => resolve())
      const note = (test: Mocha.Runnable, more: {status: 0 | 2} | {status: 1; failureMessage: string}) => {
        const id = test.fullTitle()
        ended.push({id, name: id, timeSpentMs: test.duration ?? 0, ...more})
      }
      runner.on('pass', test => note(test, {status: 0}))
      runner.on('pending', test => note(test, {status: 2}))
      runner.on('fail', (test, error: Error) => note(test, {status: 1, failureMessage: error.message}))
    })
    return ended
  }

  return {
    capabilities: () => ({reloadEnvironment: false}),
    async dryRun() {
      isFirstRun = true
      const tests = await run(undefined)
      isFirstRun = false
      for (const {id, timeSpentMs} of tests) milliseconds.set(id, timeSpentMs)
      return {status: 'complete', tests, mutantCoverage: shared.mutantCoverage}
    },
    async mutantRun({activeMutant, testFilter, hitLimit, mutantActivation}: MutantRun) {
      if (mutantActivation === 'runtime') await loadOnce()
      Object.assign(shared, {activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit === undefined ? undefined : 0})
      // With this mutant the sources can't even be loaded.
      const refusal = await loadOnce().then(() => undefined, String)
      if (refusal !== undefined) return {status: 'killed', killedBy: [], failureMessage: refusal, nrOfTests: 0}
      const tests = await run(testFilter)
      Object.assign(shared, {activeMutant: undefined, hitLimit: undefined})
      if (hitLimit !== undefined && shared.hitCount !== undefined && shared.hitCount > hitLimit) {
        return {status: 'timeout', reason: 'goes round without end'}
      }
      const failed = tests.find(test => test.status === 1)
      const nrOfTests = tests.length
      if (failed?.status !== 1) return {status: 'survived', nrOfTests}
      // Not a mutant's doing, but what an earlier one left behind: Stryker tries again in a new process.
      const isAlive = mutantActivation === 'static' || (await run([failed.id])).every(({status}) => status !== 1)
      if (!isAlive) throw new Error(`${failed.id} fails by itself`)
      return {status: 'killed', killedBy: [failed.id], failureMessage: failed.failureMessage, nrOfTests}
    },
  }
}
createRunner.inject = ['options']

// What a mutant leaves behind must not end the process between two runs.
process.on('unhandledRejection', () => undefined)
process.on('uncaughtException', () => undefined)

/** Read by Stryker. */
export const strykerPlugins = [{kind: 'TestRunner', name: 'mocha-in-process', factory: createRunner}]
