import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync} from 'node:fs'
import {cp, mkdir, readdir, readFile, rm, utimes, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {copyProject} from '../support/copied-project.ts'

describe('start.mjs', function () {
  this.timeout(60_000)
  let root: string
  beforeEach(async () => {
    root = await copyProject()
  })
  afterEach(() => rm(join(root, '..'), {recursive: true}))

  const run = (...words: string[]) => runIn(root, ...words)
  const runIn = async (checkout: string, ...words: string[]) => {
    const child = spawn(process.execPath, [join(checkout, 'deploy/start.mjs'), ...words], {
      env: {NO_COLOR: '1', SANDBOX_FOLDER: join(checkout, '.sandbox')},
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return {stdout, stderr, exitCode: child.exitCode}
  }
  const prepared = async () => {
    const names = await readdir(join(root, 'node_modules/.cache/commands'))
    return names.filter(name => !name.endsWith('-compiled')).sort()
  }

  it('prepares the commands with the first one, and runs what is prepared', async () => {
    assert.equal((await run('list', '--help')).exitCode, 0)
    const [state = '', ...others] = await prepared()
    assert.deepEqual(others, [])
    const file = join(root, 'node_modules/.cache/commands', state, 'list.mjs')
    await writeFile(file, `${await readFile(file, 'utf8')}\nprocess.stdout.write('prepared')\n`)
    const {stdout, exitCode} = await run('list', '--help')
    assert.match(stdout, /Usage: npm run list/)
    assert.match(stdout, /prepared$/)
    assert.equal(exitCode, 0)
  })

  it('prepares them again when a source has changed: a new job is there at once', async () => {
    await run('list', '--help')
    const job = await readFile(join(root, 'functions/daily/quota-reset.ts'), 'utf8')
    await writeFile(join(root, 'functions/daily/ninth.ts'), job.replace(/shortcuts: \[.*\]/, "shortcuts: ['nine']"))
    const {stdout} = await run('publish', '--help')
    assert.match(stdout, /daily-ninth [^(]*\(nine\)/)
    assert.equal((await prepared()).length, 2)
  })

  it('runs the sources where a mistake in them, or the disk, keeps them from being prepared', async () => {
    await writeFile(join(root, 'node_modules/.cache'), 'no folder')
    const {stdout, stderr, exitCode} = await run('publish', 'nonsense', 'local')
    assert.deepEqual([stdout, exitCode], ['', 2])
    assert.equal(stderr.match(/can't prepare the commands, so the sources run, which takes longer: E\w+/g)?.length, 1)
    await writeFile(join(root, 'deploy/list/list.ts'), 'export const = 1\n')
    const broken = await run('list', 'local')
    assert.match(broken.stderr, /list\.ts/)
    assert.equal(broken.exitCode, 1)
  })

  it('runs the sources where what was prepared can’t be read', async () => {
    await run('list', '--help')
    const [state = ''] = await prepared()
    await rm(join(root, 'node_modules/.cache/commands', state, 'list.mjs'))
    const {stdout, stderr, exitCode} = await run('list', '--help')
    assert.match(stdout, /Usage: npm run list/)
    assert.match(stderr, /so the sources run.*list\.mjs can't be read/)
    assert.equal(exitCode, 0)
  })

  it('prepares a copied or renamed checkout again: what was prepared knows the old folder', async () => {
    await run('list', '--help')
    const copy = join(root, '../copy')
    await cp(root, copy, {recursive: true, preserveTimestamps: true, verbatimSymlinks: true})
    assert.equal((await runIn(copy, 'list', '--help')).exitCode, 0)
    const names = await readdir(join(copy, 'node_modules/.cache/commands'))
    const states = names.filter(name => !name.endsWith('-compiled'))
    assert.equal(states.length, 2, names.join(', '))
    const [own = ''] = states.filter(name => !existsSync(join(root, 'node_modules/.cache/commands', name)))
    const files = await readdir(join(copy, 'node_modules/.cache/commands', own), {recursive: true})
    for (const file of files.filter(name => name.endsWith('.mjs'))) {
      const code = await readFile(join(copy, 'node_modules/.cache/commands', own, file), 'utf8')
      assert.ok(!code.includes(JSON.stringify(join(root, 'deploy')).slice(1, -1)), file)
    }
  })

  it('keeps what was prepared for a few older states of the sources, and no more', async () => {
    const cache = join(root, 'node_modules/.cache/commands')
    const longAgo = Date.now() / 1000 - 4 * 86_400
    for (let age = 0; age < 15; age += 1) {
      await mkdir(join(cache, `old-${String(age).padStart(2, '0')}`), {recursive: true})
      await utimes(join(cache, `old-${String(age).padStart(2, '0')}`), longAgo - age, longAgo - age)
    }
    await run('list', '--help')
    const old = (await prepared()).filter(name => name.startsWith('old-'))
    assert.ok(old.length > 0 && old.length < 10, old.join(', '))
    assert.ok(old.includes('old-00') && !old.includes('old-14'))
  })

  it('lets many start at once', async () => {
    const ends = await Promise.all([1, 2, 3].map(() => run('list', 'nowhere')))
    for (const {stderr, exitCode} of ends) {
      assert.match(stderr, /there is no environment "nowhere"/)
      assert.equal(exitCode, 2)
    }
    const states = await prepared()
    // Drafts of those that were slower are gone.
    assert.equal(states.length, 1, states.join(', '))
  })
})
