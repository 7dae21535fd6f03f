import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {chown, mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {stripVTControlCharacters} from 'node:util'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import {hasPseudoTerminal} from '../../support/pseudo-terminal.ts'
import {startTestSandbox, type TestSandbox} from '../../support/test-sandbox.ts'

const columns = 80
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
  async function shell(line: string, more: {uid?: number; env?: Record<string, string>} = {}) {
    const {uid, env} = more
    const child = spawn('sh', ['-c', line], {
      cwd: projectRoot,
      env: {PATH: process.env['PATH'], HOME: folder, SANDBOX_FOLDER: folder, NO_COLOR: '1', ...env},
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : {uid}),
    })
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return {code: child.exitCode, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr)}
  }

  for (const words of [
    'dead-letters local',
    'dead-letters local show ID',
    'runs local',
    'runs local bootstrap@terminal',
    'list local',
  ]) {
    it(`${words} fits in 80 columns of a terminal, and cuts no reason before its cause`, async function () {
      if (!hasPseudoTerminal) {
        process.stdout.write('    a pseudo-terminal by script(1) of util-linux: left out on this system\n')
        return this.skip()
      }
      const line = `stty cols ${columns} rows 40; ${start} ${words.replace('ID', id)}`
      const {stdout} = await shell(`script -qec "${line}" /dev/null`)
      const lines = stdout.split(/\r?\n/)
      // Commands to be copied stand on one line each.
      const wide = lines.filter(printed => printed.length > columns && !printed.includes('npm run'))
      assert.deepEqual(wide, [])
      if (words === 'list local') assert.match(stdout, /1 thing needs you: 1 dead letter to review: npm run/)
      else assert.ok(stdout.replaceAll(/\s+/g, ' ').includes(cause), stdout)
    })
  }

  it('prints a row on one line in a pipe, the cause with it', async () => {
    const {code, stdout} = await shell(`${start} dead-letters local | cat`)
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`^  ${id} +bootstrap@terminal .*${cause}`, 'm'))
  })

  it('ends without a stack trace where nobody reads, and with 141 where it had more to say', async () => {
    // Closed before anything is written; the exit code is the command's own.
    const {stderr, stdout} = await shell(`{ ${start} dead-letters local; echo "code $?" >&2; } | true`)
    assert.equal(stdout, '')
    assert.match(stderr, /^code 141\n$/)
  })

  it('says so in one line where the disk is full', async function () {
    if (process.platform !== 'linux') {
      process.stdout.write('    /dev/full is of Linux: left out on this system\n')
      return this.skip()
    }
    const {code, stderr} = await shell(`${start} list local > /dev/full`)
    assert.equal(code, 1)
    assert.match(stderr, /^can't write the output: ENOSPC[^\n]*\n$/)
  })

  it('works with a closed standard input, and asks nobody', async () => {
    const {code, stdout} = await shell(`${start} list local <&-`)
    assert.equal(code, 0)
    assert.match(stdout, /jobs in local/)
  })

  it('works for a user without a name and without a home', async function () {
    if (process.getuid?.() !== 0) {
      process.stdout.write('    only root can become another user: left out\n')
      return this.skip()
    }
    // A sandbox belongs to its user alone: this one has its own.
    const own = await mkdtemp(join(tmpdir(), 'nameless-'))
    await chown(own, 54_321, 54_321)
    try {
      const line = `unset HOME; ${start} publish bootstrap local --json`
      const {code, stdout, stderr} = await shell(line, {uid: 54_321, env: {SANDBOX_FOLDER: own}})
      assert.equal(code, 0, stderr)
      assert.partialDeepStrictEqual(JSON.parse(stdout), {outcome: 'succeeded'})
      const source = "import {operatorName} from './deploy/environment/operator-name.ts'; console.log(operatorName())"
      const named = await shell(`'${process.execPath}' --input-type=module-typescript -e "${source}"`, {uid: 54_321})
      assert.match(named.stdout, /^uid 54321@/, named.stderr)
    } finally {
      await rm(own, {recursive: true})
    }
  })

  it('prints one object for a wrong word too, and the reason last', async () => {
    const env = {npm_lifecycle_event: 'publish'}
    const json = await shell(`${start} publish nonsense local --json`, {env})
    assert.equal(json.code, 2)
    assert.partialDeepStrictEqual(JSON.parse(json.stdout), {exitCode: 2})
    assert.match(json.stderr, /^Usage: npm run publish -- --help\n\n[\s\S]+\nthere is no job "nonsense"\n$/)
    const wrong = await shell(`${start} publish bootstrap local --timeuot 4`, {env})
    assert.equal(
      wrong.stderr,
      "Usage: npm run publish -- --help\n\nunknown option '--timeuot' (Did you mean --timeout?)\n",
    )
  })

  it('takes a setting of npm for no option of a command', async () => {
    const env = {npm_lifecycle_event: 'list', npm_config_yes: 'true', npm_config_userconfig: '/nowhere'}
    const swallowed = await shell(`${start} list local`, {env: {...env, npm_config_local_prefix: '/nowhere'}})
    assert.equal(swallowed.code, 2)
    assert.match(swallowed.stderr, /unset npm_config_yes for this command\nnpm consumed --yes, so nothing was run/)
  })
})
