import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync} from 'node:fs'
import {cp, mkdir, readdir, readFile, rename, rm, utimes, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {copyProject} from '../support/copied-project.ts'

describe('start.mjs', function () {
  this.timeout(60_000)
  /** Shared: a preparation takes a second of both cores. */
  let root: string
  before(async () => {
    root = await copyProject()
  })
  after(() => rm(join(root, '..'), {recursive: true}))

  const run = (...words: string[]) => runIn(root, ...words)
  const runIn = async (checkout: string, ...words: string[]) => {
    const child = spawn(process.execPath, [join(checkout, 'deploy/start.mjs'), ...words], {
      env: {NO_COLOR: '1', SANDBOX_FOLDER: join(checkout, '.sandbox')},
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return {stdout, stderr, exitCode: child.exitCode}
  }
  const cacheOf = (checkout: string) => join(checkout, 'node_modules/.cache/commands')
  const preparedIn = async (checkout: string) => {
    const names = await readdir(cacheOf(checkout))
    return names.filter(name => !name.endsWith('-compiled')).sort()
  }
  /** Has the commands prepared, if no test before has. @returns the folder of this state of the sources. */
  const prepare = async () => {
    assert.equal((await run('list', '--help')).exitCode, 0)
    const [state = '', ...others] = await preparedIn(root)
    assert.deepEqual(others, [])
    return join(cacheOf(root), state)
  }

  it('prepares the commands with the first one, once where many start at once, and runs what is prepared', async () => {
    await rm(cacheOf(root), {recursive: true, force: true})
    const ends = await Promise.all([1, 2].map(() => run('list', 'nowhere')))
    for (const {stderr, exitCode} of ends) {
      assert.match(stderr, /there is no environment "nowhere"/)
      assert.equal(exitCode, 2)
    }
    // Drafts of those that were slower are gone.
    const states = await preparedIn(root)
    assert.equal(states.length, 1, states.join(', '))
    const file = join(cacheOf(root), states[0] ?? '', 'list.mjs')
    const prepared = await readFile(file, 'utf8')
    await writeFile(file, `${prepared}\nprocess.stdout.write('prepared')\n`)
    const {stdout, exitCode} = await run('list', '--help')
    await writeFile(file, prepared)
    assert.match(stdout, /Usage: npm run list/)
    assert.match(stdout, /prepared$/)
    assert.equal(exitCode, 0)
  })

  it('prepares them again when a source has changed: a new job is there at once, and few older states stay', async () => {
    const state = await prepare()
    const longAgo = Date.now() / 1000 - 4 * 86_400
    for (let age = 0; age < 15; age += 1) {
      const old = join(cacheOf(root), `old-${String(age).padStart(2, '0')}`)
      await mkdir(old)
      await utimes(old, longAgo - age, longAgo - age)
    }
    const job = await readFile(join(root, 'functions/daily/quota-reset.ts'), 'utf8')
    const ninth = join(root, 'functions/daily/ninth.ts')
    await writeFile(ninth, job.replace(/shortcuts: \[.*\]/, "shortcuts: ['nine']"))
    const {stdout} = await run('publish', '--help')
    await rm(ninth)
    assert.match(stdout, /daily-ninth [^(]*\(nine\)/)
    const states = await preparedIn(root)
    const old = states.filter(name => name.startsWith('old-'))
    const [changed = '', ...others] = states.filter(name => !old.includes(name) && !state.endsWith(name))
    for (const name of [changed, ...old]) await rm(join(cacheOf(root), name), {recursive: true})
    assert.deepEqual([changed === '', others], [false, []], states.join(', '))
    assert.ok(existsSync(state))
    assert.ok(old.length > 0 && old.length < 10, old.join(', '))
    assert.ok(old.includes('old-00') && !old.includes('old-14'))
  })

  it('runs the sources where a mistake in them, or the disk, keeps them from being prepared', async () => {
    const broken = await copyProject()
    await writeFile(join(broken, 'node_modules/.cache'), 'no folder')
    const {stdout, stderr, exitCode} = await runIn(broken, 'publish', 'nonsense', 'local')
    await writeFile(join(broken, 'deploy/list/list.ts'), 'export const = 1\n')
    const mistaken = await runIn(broken, 'list', 'local')
    await rm(join(broken, '..'), {recursive: true})
    assert.deepEqual([stdout, exitCode], ['', 2])
    assert.equal(stderr.match(/can't prepare the commands, so the sources run, which takes longer: E\w+/g)?.length, 1)
    assert.match(mistaken.stderr, /list\.ts/)
    assert.equal(mistaken.exitCode, 1)
  })

  it('runs the sources where what was prepared can’t be read', async () => {
    const prepared = join(await prepare(), 'list.mjs')
    await rename(prepared, `${prepared}.kept`)
    const {stdout, stderr, exitCode} = await run('list', '--help')
    await rename(`${prepared}.kept`, prepared)
    assert.match(stdout, /Usage: npm run list/)
    assert.match(stderr, /so the sources run.*list\.mjs can't be read/)
    assert.equal(exitCode, 0)
  })

  it('prepares a copied or renamed checkout again: what was prepared knows the old folder', async () => {
    const state = await prepare()
    const copy = join(root, '../copy')
    await cp(root, copy, {recursive: true, preserveTimestamps: true, verbatimSymlinks: true})
    assert.equal((await runIn(copy, 'list', '--help')).exitCode, 0)
    const states = await preparedIn(copy)
    assert.equal(states.length, 2, states.join(', '))
    const [own = ''] = states.filter(name => !state.endsWith(name))
    const files = await readdir(join(cacheOf(copy), own), {recursive: true})
    for (const file of files.filter(name => name.endsWith('.mjs'))) {
      const code = await readFile(join(cacheOf(copy), own, file), 'utf8')
      assert.ok(!code.includes(JSON.stringify(join(root, 'deploy')).slice(1, -1)), file)
    }
  })
})
