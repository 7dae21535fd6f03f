import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {chown, mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {stripVTControlCharacters} from 'node:util'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {findRunningSandbox, writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import {bothWays, requireWay} from '../../support/both-ways.ts'
import {startTestSandbox, type TestSandbox} from '../../support/test-sandbox.ts'

const cause = 'connect ECONNREFUSED 127.0.0.1:59998'
const start = `'${process.execPath}' deploy/start.mjs`

/*
 * The real commands, each a process of its own: in a pseudo-terminal of 80 columns, by script(1), and in a pipe.
 */
describe('commands on a terminal, in a pipe and into nothing', function () {
  this.timeout(120_000)
  let sandbox: TestSandbox
  let folder: string
  let id: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terminal-'))
    sandbox = await startTestSandbox({warm: 'cloudact-manual-bootstrap'})
    await writeSandboxFile(folder, sandbox.addresses)
    const detail = `${'because of what came before it, '.repeat(6)}${cause}`
    const response = {status: 400, body: {detail}}
    sandbox.adminApi.faults.inject({path: /bootstrap\/status$/, kind: 'status', response})
    id = (await sandbox.run('bootstrap', 'terminal')).error?.deadLetterId ?? ''
  })
  after(async () => {
    await sandbox.stop()
    await rm(folder, {recursive: true})
  })

  /** Runs a line of a shell in the project. */
  async function shell(line: string) {
    const child = spawn('sh', ['-c', line], {
      cwd: projectRoot,
      env: {PATH: process.env['PATH'], HOME: folder, SANDBOX_FOLDER: folder, NO_COLOR: '1'},
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return {code: child.exitCode, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr)}
  }

  it('prints a row on one line in a pipe, the cause with it', async () => {
    const {code, stdout} = await shell(`${start} dead-letters local | cat`)
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`^  ${id} +bootstrap@terminal .*${cause}`, 'm'))
  })

  it('works with a closed standard input, and asks nobody', async () => {
    const {code, stdout} = await shell(`${start} list local <&-`)
    assert.equal(code, 0)
    assert.match(stdout, /jobs in local/)
  })

  for (const {way, isTerminal, open} of bothWays) {
    describe(way, () => {
      beforeEach(function () {
        if (this.currentTest !== undefined) requireWay({isTerminal}, this)
      })

      const read = async (line: string, env: Readonly<Record<string, string>> = {}) => {
        const running = open(line, {HOME: folder, SANDBOX_FOLDER: folder, NO_COLOR: '1', ...env})
        await running.ended
        return stripVTControlCharacters(running.printed())
      }

      it('exits without a stack trace when its reader is gone, and with 141 if output was left', async () => {
        // Closed before anything is written.
        assert.equal(await read(`{ ${start} dead-letters local; echo "code $?" >&2; } | true`), 'code 141\n')
      })

      it('shuts its sandbox down where only the first line is read, and ends with 141 or its own code', async () => {
        const own = await mkdtemp(join(tmpdir(), 'first-line-'))
        try {
          const line = `{ ${start} publish bootstrap local; echo "code $?" >&2; } | head -1`
          const printed = await read(line, {SANDBOX_FOLDER: own})
          assert.match(printed, /^OpenClaw initializing CloudAct BigQuery infrastructure$/m)
          assert.match(printed, /code (?:0|141)\n$/)
          assert.doesNotMatch(printed, /EPIPE|^ +at /m)
          assert.equal(await findRunningSandbox(own), undefined)
        } finally {
          await rm(own, {recursive: true})
        }
      })

      it('says so in one line where the disk is full', async function () {
        if (process.platform !== 'linux') {
          process.stdout.write('    /dev/full is of Linux: left out on this system\n')
          return this.skip()
        }
        const printed = await read(`${start} list local > /dev/full; echo "code $?"`)
        assert.match(printed, /^can't write the output: ENOSPC[^\n]*\ncode 1\n$/)
      })

      it('works for a user without a name and without a home, whom the run names', async function () {
        if (process.getuid?.() !== 0 || process.platform !== 'linux') {
          process.stdout.write('    only root on Linux becomes another user by setpriv(1): left out\n')
          return this.skip()
        }
        // A sandbox belongs to its user alone: this one has its own.
        const own = await mkdtemp(join(tmpdir(), 'nameless-'))
        await chown(own, 54_321, 54_321)
        try {
          const user = 'setpriv --reuid=54321 --regid=54321 --clear-groups'
          const printed = await read(`unset HOME; ${user} ${start} publish bootstrap local; echo "code $?"`, {
            SANDBOX_FOLDER: own,
          })
          assert.match(printed, /✔ succeeded in [\s\S]*code 0\n$/)
          const [runId] = /bootstrap@[0-9A-Z]{26}/.exec(printed) ?? []
          const detail = await read(`unset HOME; ${user} ${start} runs local ${runId} --json`, {SANDBOX_FOLDER: own})
          assert.match(detail, /"requestedBy":"uid 54321@/)
        } finally {
          await rm(own, {recursive: true})
        }
      })

      it('prints one object for a wrong word too, and the reason last', async () => {
        const env = {npm_lifecycle_event: 'publish'}
        const line = `${start} publish nonsense local --json`
        assert.partialDeepStrictEqual(JSON.parse(await read(`${line} 2> /dev/null`, env)), {exitCode: 2})
        const reason = await read(`${line} > /dev/null; echo "code $?"`, env)
        assert.match(reason, /^Usage: npm run publish -- --help\n\n[\s\S]+\nthere is no job "nonsense"\ncode 2\n$/)
        const wrong = await read(`${start} publish bootstrap local --timeuot 4`, env)
        assert.equal(
          wrong,
          "Usage: npm run publish -- --help\n\nunknown option '--timeuot' (Did you mean --timeout?)\n",
        )
      })

      it('takes a setting of npm for no option of a command', async () => {
        const printed = await read(`${start} list local; echo "code $?"`, {
          npm_lifecycle_event: 'list',
          npm_config_yes: 'true',
          npm_config_userconfig: '/nowhere',
          npm_config_local_prefix: '/nowhere',
        })
        const text = printed.replaceAll(/\s+/g, ' ')
        assert.match(text, /unset npm_config_yes for this command npm consumed --yes, so nothing was run.* code 2 $/)
      })
    })
  }
})
