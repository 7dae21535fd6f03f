import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {logFileOf, readLogFile} from '../../../deploy/local/log-file.ts'
import {hasPseudoTerminal, openTerminal, type PseudoTerminal, stillThere} from '../../support/pseudo-terminal.ts'
import {runLine} from '../../support/spawn-command.ts'
import {until} from '../../support/test-sandbox.ts'

const runIdLine = /run +(org-sync-all@[0-9A-Z]{26})/
const firedLine = /Fired bootstrap: run (bootstrap@[0-9A-Z]{26})/
const isUp = /Ctrl-C ends it; its state stays\./

/*
 * What ends a command, on a real terminal and below a real npm: no process is left, and no run is lost. The run is one
 * that takes seconds, and is interrupted once its function has begun.
 */
describe('ending a command', function () {
  this.timeout(120_000)
  let folder = ''
  let terminal: PseudoTerminal | undefined
  /** What the terminal's command consists of. */
  let processes: readonly string[] = []

  before(async function () {
    if (!hasPseudoTerminal) {
      process.stdout.write('    a pseudo-terminal by script(1) of util-linux: left out on this system\n')
      return this.skip()
    }
    await useNewFolder()
  })
  afterEach(async () => {
    terminal?.close()
    await terminal?.ended
    await gone(processes)
    processes = []
  })
  after(() => folder && rm(folder, {recursive: true}))

  async function useNewFolder(): Promise<void> {
    if (folder !== '') await rm(folder, {recursive: true})
    folder = await mkdtemp(join(tmpdir(), 'interrupts-'))
    const {code, stdout} = await runLine('npm run publish -- bootstrap local', {sandboxFolder: folder})
    assert.equal(code, 0, stdout)
  }

  function open(line: string, env: Readonly<Record<string, string>> = {}): PseudoTerminal {
    terminal = openTerminal(line, {env: {SANDBOX_FOLDER: folder, NO_COLOR: '1', ...env}})
    return terminal
  }

  /** Keeps a slow sandbox up, in which a run has begun. */
  async function beginSlowly(): Promise<string> {
    const [, runId = ''] = await open('npm run local -- --latency 20s --now bootstrap').until(firedLine)
    await terminal?.until(/bootstrap #1 /)
    return runId
  }

  const gone = (processes: readonly string[]) =>
    until('all its processes have ended', async () => (stillThere(processes).length === 0 ? true : undefined))

  async function follow(runId: string): Promise<void> {
    const {code, stdout, stderr} = await runLine(`npm run runs -- local ${runId} --follow`, {sandboxFolder: folder})
    assert.equal(code, 0, `${stdout}\n${stderr}`)
    assert.match(stdout, /✔ succeeded/)
  }

  for (const shell of ['/bin/sh', '/bin/bash']) {
    it(`ends with 130 at the second Ctrl-C, below npm and ${shell}, and the run is kept`, async () => {
      const line = 'trap : INT; npm run publish -- org-sync-all local; echo "code $?"'
      const [, runId = ''] = await open(line, {npm_config_script_shell: shell}).until(runIdLine)
      await until('the function has begun', async () =>
        (await readLogFile(logFileOf(folder))).find(found => found.includes(`${runId} #1`)),
      )
      processes = terminal?.processes() ?? []
      assert.ok(processes.length >= 4, processes.join('\n'))
      terminal?.interrupt()
      // One Ctrl-C is one, though npm hands it on once more: the command says how to go on.
      await terminal?.until(/Interrupted\.$[\s\S]*^Follow it: npm run runs -- local \S+ --follow$/m)
      let hasEnded = false
      void terminal?.ended.then(() => {
        hasEnded = true
      })
      await until('it has ended', async () => {
        if (!hasEnded) terminal?.interrupt()
        return hasEnded ? true : undefined
      })
      await terminal?.until(/code 130$/m)
      await gone(processes)
      const {stdout} = await runLine(`npm run runs -- local ${runId}`, {sandboxFolder: folder})
      assert.match(stdout, /^ {2}1 +1 +20\d\d-/m)
      // The run is tried again after minutes, and until then the next one of its job would wait for it.
      await useNewFolder()
    })
  }

  it('ends when its terminal is closed, and the run goes on later', async () => {
    const runId = await beginSlowly()
    processes = terminal?.processes() ?? []
    terminal?.close()
    await gone(processes)
    await follow(runId)
  })

  it('ends when its npm is killed, and the run goes on later', async () => {
    const runId = await beginSlowly()
    processes = terminal?.processes() ?? []
    const npm = processes.find(name => name.includes(' npm run '))
    assert.ok(npm !== undefined, processes.join('\n'))
    process.kill(Number.parseInt(npm, 10), 'SIGKILL')
    await gone(processes)
    await follow(runId)
  })

  it('ends npm run local with one Ctrl-C, and its functions with it', async () => {
    await open('npm run local -- --now bootstrap').until(isUp)
    await terminal?.until(/bootstrap #1 /)
    processes = terminal?.processes() ?? []
    terminal?.interrupt()
    await terminal?.until(/^Stopping…$/m)
    await gone(processes)
  })

  it('publishes nothing after a Ctrl-C while its sandbox starts', async () => {
    const line = 'trap : INT; npm run publish -- bootstrap local; echo "code $?"'
    await open(line).until(/Starting the sandbox/)
    terminal?.interrupt()
    await terminal?.until(/Interrupted: nothing was published\.$[\s\S]*code 130$/m)
  })

  it('keeps a sandbox up with a closed standard input, until SIGTERM', async () => {
    const line = `exec '${process.execPath}' deploy/start.mjs local <&-`
    const child = spawn('sh', ['-c', line], {
      cwd: projectRoot,
      env: {PATH: process.env['PATH'], SANDBOX_FOLDER: folder, NO_COLOR: '1'},
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'close')
    const printed = text(
      child.stdout.on('data', chunk => {
        if (isUp.test(String(chunk))) child.kill('SIGTERM')
      }),
    )
    await ended
    assert.equal(child.exitCode, 0, await printed)
    assert.match(await printed, /Stopping…/)
  })
})
