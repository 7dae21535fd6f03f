import assert from 'node:assert/strict'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {projectRoot} from '../../deploy/catalogue/catalogue.ts'
import {type ConsoleStep, findMissing, type Names, parseConsoleSession, withNames} from './console-session.ts'
import {type TypedCommand, typeIn} from './terminal.ts'

const steps = parseConsoleSession(await readFile(join(projectRoot, 'README.md'), 'utf8'), 'One night, as an exercise')
/** What changes nothing may be asked again until it shows what a function is still doing. */
const reads = /^npm run (?:list|doctor|dead-letters|sandbox) -- (?!.*\bdiscard\b)/
const patienceMilliseconds = 60_000

/* README's night, command by command, as it stands there: the commands, their exit codes, and what they print. */
describe("README's night", function () {
  this.timeout(300_000).bail(true)
  const names: Names = new Map()
  let folder: string
  let sandbox: TypedCommand | undefined

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'readme-night-'))
  })
  after(async () => {
    sandbox?.interrupt()
    await sandbox?.ended
    await rm(folder, {recursive: true})
  })

  it('has at least five failures', () => {
    assert.ok(steps.filter(({exitCode}) => exitCode !== 0).length >= 5, JSON.stringify(steps, null, 2))
  })

  for (const step of steps) {
    it(`line ${step.line}: ${step.command}`, () =>
      /^npm run local(?! -- --reset)/.test(step.command) ? keepUp(step) : run(step))
  }

  async function keepUp({command, excerpts, endsSandbox}: ConsoleStep): Promise<void> {
    if (endsSandbox) sandbox?.interrupt()
    assert.equal(await sandbox?.ended, sandbox === undefined ? undefined : 0)
    sandbox = typeIn(withNames(command, names), folder)
    await sandbox.until('What it received and did: npm run sandbox -- requests. Ctrl-C ends it; its state stays.')
    assert.equal(findMissing(excerpts, sandbox.printed(), names), undefined, sandbox.printed())
  }

  async function run({command, exitCode, excerpts}: ConsoleStep): Promise<void> {
    const until = performance.now() + patienceMilliseconds
    for (;;) {
      const typed = typeIn(withNames(command, names), folder)
      const code = await typed.ended
      const missing = findMissing(excerpts, typed.printed(), names)
      if (code === exitCode && missing === undefined) return
      const printed = `${command} ended with ${code}, and printed:\n${typed.printed()}`
      if (!reads.test(command) || performance.now() > until) {
        assert.deepEqual({code, missing}, {code: exitCode, missing: undefined}, printed)
      }
    }
  }
})
