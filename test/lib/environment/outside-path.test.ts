import assert from 'node:assert/strict'
import fs from 'node:fs'
import {mkdir, mkdtemp, rm, symlink} from 'node:fs/promises'
import {syncBuiltinESMExports} from 'node:module'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import sinon from 'sinon'
import {parseDeploySettings} from '../../../deploy/cloud/deploy-settings.ts'
import {sandboxFolderOf} from '../../../deploy/local/sandbox-folder.ts'
import {parseEnvironment} from '../../../lib/environment/environment.ts'
import {parseOutsidePath} from '../../../lib/environment/outside-path.ts'
import {ConfigurationError} from '../../../lib/errors/configuration-error.ts'

const refused = (error: unknown) => {
  assert(error instanceof ConfigurationError)
  assert.match(error.message, /^configuration is wrong: --file leads below \/Users\/gurukallam, .+: name another path$/)
  return true
}

describe('parseOutsidePath', () => {
  let folder: string
  const touched: string[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'outside-'))
    touched.length = 0
    for (const name of ['lstatSync', 'readlinkSync'] as const) {
      const original: (...args: never[]) => unknown = fs[name]
      sinon.replace(fs, name, ((...args: never[]) => {
        touched.push(String(args[0]))
        return original(...args)
      }) as never)
    }
    syncBuiltinESMExports()
  })
  afterEach(async () => {
    sinon.restore()
    syncBuiltinESMExports()
    await rm(folder, {recursive: true})
  })

  const refuses = (path: string) => {
    assert.throws(() => parseOutsidePath('--file', path), refused)
    assert.deepEqual(
      touched.filter(place => /gurukallam/i.test(place)),
      [],
      'it was accessed',
    )
  }

  it('is absolute, and what lies beside is allowed', () => {
    assert.equal(parseOutsidePath('--file', '/tmp/some/../place'), '/tmp/place')
    assert.equal(parseOutsidePath('--file', 'x'), join(process.cwd(), 'x'))
    for (const path of ['/Users/gurukallamish/x', '/Users', '/srv/Users/gurukallam', join(folder, 'absent', 'x')])
      assert.equal(parseOutsidePath('--file', path), path)
    assert(touched.includes('/srv'), 'the probe sees nothing')
  })

  for (const path of [
    '/Users/gurukallam',
    '/Users/gurukallam/',
    '//Users//gurukallam/x',
    '/users/GuruKallam/x',
    '/USERS/GURUKALLAM',
    '/Users/gurukallam/../../tmp',
    '/Users/x/../gurukallam/y/z',
    '/Users/guru\u212aallam/x',
    '/System/Volumes/Data/Users/gurukallam/x',
    'C:\\Users\\gurukallam\\x',
    `${'../'.repeat(30)}Users/gurukallam/x`,
  ]) {
    it(`refuses the text ${path} before anything is accessed`, () => {
      assert.throws(() => parseOutsidePath('--file', path), refused)
      assert.deepEqual(touched, [])
    })
  }

  it('refuses a link to there, directly, by case, by way of others, or with more behind it', async () => {
    await symlink('/Users/gurukallam', join(folder, 'direct'))
    await symlink('/users/GURUKALLAM/deep/er', join(folder, 'case'))
    await symlink('direct', join(folder, 'indirect'))
    await symlink('/Users', join(folder, 'parent'))
    await symlink('/Users/gurukallam/../elsewhere', join(folder, 'passing'))
    for (const path of [
      'direct',
      'direct/x',
      'case/y',
      'indirect/z',
      'parent/gurukallam',
      'parent/GuruKallam/x',
      'passing',
    ])
      refuses(join(folder, path))
  })

  it('takes .. behind a link as the operating system does', async () => {
    await mkdir(join(folder, 'a/b'), {recursive: true})
    await symlink('/Users/someone', join(folder, 'a/b/away'))
    await symlink('b/away/../gurukallam', join(folder, 'a/entry'))
    refuses(join(folder, 'a/entry/x'))
  })

  it('ends at a circle of links, and at what is no path', async () => {
    await symlink('two', join(folder, 'one'))
    await symlink('one', join(folder, 'two'))
    assert.throws(
      () => parseOutsidePath('--file', join(folder, 'one')),
      /--file can't be checked \(more than 40 links\)/,
    )
    assert.throws(() => parseOutsidePath('--file', 'a\0b'), /--file can't be checked/)
  })

  it('is asked for SANDBOX_FOLDER and SUPABASE_MIGRATIONS_DIR, in a function and for a deployment', async () => {
    const path = join(folder, 'link')
    await symlink('/Users/gurukallam/migrations', path)
    const SUPABASE_MIGRATIONS_DIR = path
    assert.throws(() => sandboxFolderOf({SANDBOX_FOLDER: path}), /SANDBOX_FOLDER leads below/)
    assert.throws(() => parseDeploySettings({SUPABASE_MIGRATIONS_DIR}), /SUPABASE_MIGRATIONS_DIR leads below/)
    const environment = {GCP_PROJECT_ID: 'cloudact-local', ENVIRONMENT: 'staging', SUPABASE_MIGRATIONS_DIR}
    assert.throws(() => parseEnvironment(environment, []), /SUPABASE_MIGRATIONS_DIR: leads below/)
    assert.deepEqual(
      touched.filter(place => /gurukallam/i.test(place)),
      [],
    )
  })
})
