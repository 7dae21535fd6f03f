import assert from 'node:assert/strict'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {type BuildFailure, build} from 'esbuild'
import {leaveOut, leftOut} from '../../../deploy/bundle/left-out.ts'

describe('what is left out of a bundle', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'left-out-'))
    for (const file of leftOut.flatMap(part => part.files)) {
      const path = join(root, 'node_modules', `${file}.js`)
      await mkdir(dirname(path), {recursive: true})
      await writeFile(
        path,
        file.startsWith('zod/') ? 'export const toJSONSchema = () => "real"\n' : 'exports.real = 1\n',
      )
    }
  })
  afterEach(() => rm(root, {recursive: true}))

  const bundle = async (contents: string) => {
    const outfile = join(root, 'out.cjs')
    await build({
      stdin: {contents, resolveDir: root},
      outfile,
      bundle: true,
      platform: 'node',
      plugins: [leaveOut(root)],
      logLevel: 'silent',
    })
    return createRequire(import.meta.url)(outfile)
  }
  const files = () => leftOut.flatMap(part => part.files)
  const requireAll = () =>
    files()
      .map((file, index) => `const m${index} = require('./node_modules/${file}.js')\n`)
      .join('')
  const indexOf = (file: string) => files().indexOf(file)

  it('throws with its name when it is read, called or made after all, and nothing is an instance of it', async () => {
    const jwt = `m${indexOf('google-auth-library/build/src/auth/jwtclient')}`
    const zod = `m${indexOf('zod/v4/core/to-json-schema')}`
    const use = await bundle(`${requireAll()}
exports.read = () => ${jwt}.revoke
exports.call = () => ${jwt}()
exports.make = () => new ${jwt}.JWT()
exports.isOne = () => ({}) instanceof ${jwt}.JWT
exports.print = () => ${zod}.toJSONSchema({})
`)
    assert.throws(
      () => use.read(),
      /revoke of google-auth-library\/build\/src\/auth\/jwtclient is left out of the bundle/,
    )
    assert.throws(() => use.call(), /a call of google-auth-library/)
    assert.throws(() => use.make(), /JWT of google-auth-library/)
    assert.equal(use.isOne(), false)
    assert.throws(() => use.print(), /toJSONSchema of zod\/v4\/core\/to-json-schema is left out/)
  })

  it('fails the build where a package no longer has it, so that the list never lies', async () => {
    await assert.rejects(bundle("require('./node_modules/qs/lib/index.js')\n"), (error: BuildFailure) => {
      const said = error.errors.map(({text}) => text).join('\n')
      assert.match(said, /winston\/lib\/winston\/transports\/file is to be left out, but nothing asks for it/)
      assert.doesNotMatch(said, /qs\/lib\/index is to be/)
      return true
    })
  })
})
