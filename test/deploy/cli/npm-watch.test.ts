import assert from 'node:assert/strict'
import {type ChildProcessByStdio, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync} from 'node:fs'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import type {Readable, Writable} from 'node:stream'
import {fileURLToPath} from 'node:url'
import {quote} from '../../../deploy/cli/quote.ts'
import {until} from '../../support/test-sandbox.ts'

const script = fileURLToPath(new URL('../../support/watch-and-tick.ts', import.meta.url))
const command = `${quote(process.execPath)} --disable-warning=ExperimentalWarning ${quote(script)}`

/** What a command that was started in the background lives through, below real shells, nohup and npm. */
describe('a command in the background', function () {
  this.timeout(60_000)
  let folder = ''
  let shell: ChildProcessByStdio<Writable, Readable, null> | undefined
  let printed = ''

  before(async function () {
    if (!existsSync('/proc/self/stat') || !existsSync('/bin/bash')) {
      process.stdout.write('    /proc and bash are needed to watch npm in the background: left out on this system\n')
      return this.skip()
    }
    folder = await mkdtemp(join(tmpdir(), 'npm-watch-'))
    await writeFile(join(folder, 'package.json'), JSON.stringify({scripts: {watched: command}}))
  })
  afterEach(() => {
    for (const [, pid] of printed.matchAll(/^(?:npm|started) (\d+)$/gm)) kill(Number(pid), 'SIGKILL')
    shell?.kill('SIGKILL')
  })
  after(() => folder && rm(folder, {recursive: true}))

  /** Runs a line in a shell that leads a process group, and waits until the command has started. */
  async function open(line: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
    printed = ''
    shell = spawn('/bin/bash', ['-c', line], {
      cwd: folder,
      env: {
        PATH: [dirname(process.execPath), process.env['PATH']].join(':'),
        HOME: folder,
        npm_config_update_notifier: 'false',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    })
    shell.stdout.setEncoding('utf8').on('data', text => {
      printed += text
    })
    await printedLine(/^started \d+$/m)
  }

  const printedLine = (line: RegExp) => until(`${line} is printed`, async () => line.exec(printed) ?? undefined)

  async function endShell(): Promise<void> {
    assert.ok(shell !== undefined)
    const exit = once(shell, 'exit')
    shell.stdin.end()
    await exit
  }

  /** It goes on, though it has looked at npm again and again. */
  async function goesOn(): Promise<void> {
    const before = printed.length
    await until('it has looked at npm', async () => {
      const since = printed.slice(before)
      return /interrupted/.test(printed) || since.split('tick').length > 4 ? true : undefined
    })
    assert.doesNotMatch(printed, /interrupted/)
  }

  const endsBy = async (pid: number, signal: NodeJS.Signals) => {
    kill(pid, signal)
    await printedLine(/^interrupted$/m)
  }

  for (const scriptShell of ['/bin/sh', '/bin/bash']) {
    const env = {npm_config_script_shell: scriptShell}

    it(`goes on when the shell that started it ends, and ends with npm, below ${scriptShell}`, async () => {
      await open('nohup npm run watched & echo "npm $!"; read', env)
      await endShell()
      await goesOn()
      await endsBy(Number(/^npm (\d+)$/m.exec(printed)?.[1]), 'SIGKILL')
    })

    it(`goes on under nohup when its terminal hangs up, which ends npm, below ${scriptShell}`, async () => {
      await open('exec nohup npm run watched', env)
      const npm = shell
      assert.ok(npm?.pid !== undefined)
      const exit = once(npm, 'exit')
      process.kill(-npm.pid, 'SIGHUP')
      await exit
      await printedLine(/^SIGHUP$/m)
      await goesOn()
      await endsBy(Number(/^started (\d+)$/m.exec(printed)?.[1]), 'SIGTERM')
    })
  }

  it('goes on when the shell that started it ends, with what an npm that has long ended left in the environment', async () => {
    await open(`${command} & read`, {npm_lifecycle_event: 'start'})
    await endShell()
    await goesOn()
  })
})

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended.
  }
}
