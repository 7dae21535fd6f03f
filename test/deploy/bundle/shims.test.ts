import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {text} from 'node:stream/consumers'
import {pathToFileURL} from 'node:url'
import {type BuildFailure, build} from 'esbuild'
import {applyShims} from '../../../deploy/bundle/shims.ts'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'

const shims = join(projectRoot, 'deploy/bundle/shims')
const domainShim = join(shims, 'domain.cjs')

const importShim = (file: string) => import(pathToFileURL(join(shims, file)).href)

/** Runs a program with the shim for node:domain as `domain`. */
async function run(program: string) {
  const start = `const module_ = {exports: {}}
const source = require('node:fs').readFileSync(process.argv[1], 'utf8')
new Function('require', 'exports', source)(require, module_.exports)
const domain = module_.exports
`
  const child = spawn(process.execPath, ['--eval', start + program, '--', domainShim], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return {stdout, stderr, code: child.exitCode}
}

const oneEvent = `const event = domain.create()
event.on('error', error => console.log('the event: ' + error.message))
`

describe('the shim for node:domain', () => {
  it('gives an error that nothing caught to its own event, and the process lives on', async () => {
    const {stdout, code} = await run(`${oneEvent}
const other = domain.create()
other.on('error', error => console.log('the other: ' + error.message))
event.run(() => setTimeout(() => { throw new Error('first') }, 20))
other.run(() => setTimeout(() => { throw new Error('second') }, 40))
setTimeout(() => console.log('alive'), 60)
`)
    assert.deepEqual([stdout, code], ['the event: first\nthe other: second\nalive\n', 0])
  })

  it('ends the process for an error outside of any event, as the framework does, even after one', async () => {
    const {stdout, code} = await run(`${oneEvent}
process.on('uncaughtException', error => { console.log('the framework: ' + error.message); process.exit(16) })
setTimeout(() => { throw new Error('outside') }, 20)
event.run(() => {})
setTimeout(() => console.log('alive'), 60)
`)
    assert.deepEqual([stdout, code], ['the framework: outside\n', 16])
  })

  it('ends it as Node does where nothing listens', async () => {
    const {stderr, code} = await run(`${oneEvent}
setTimeout(() => { throw new Error('outside') }, 20)
event.run(() => {})
`)
    assert.match(stderr, /Error: outside/)
    assert.equal(code, 1)
  })
})

describe('the shim for mime-db', () => {
  it('has what the package has, of each type that the framework and its body parser name', async () => {
    const {default: few} = await importShim('mime-db.cjs')
    const all = JSON.parse(await readFile(join(projectRoot, 'node_modules/mime-db/db.json'), 'utf8'))
    assert.deepEqual(few, Object.fromEntries(Object.keys(few).map(type => [type, all[type]])))
    assert.ok(Object.keys(few).includes('application/json'))
  })
})

describe('the shims of a bundle', () => {
  it('fail the build where the original has changed, or is not there', async () => {
    const root = await mkdtemp(join(tmpdir(), 'shims ü#-'))
    try {
      const path = join(root, 'node_modules/@google-cloud/functions-framework/build/src/loader.js')
      await mkdir(dirname(path), {recursive: true})
      await writeFile(path, 'exports.loadFunction = () => undefined\n')
      const building = build({
        stdin: {contents: `require(${JSON.stringify(path)})`, resolveDir: root},
        write: false,
        bundle: true,
        platform: 'node',
        plugins: [applyShims(root)],
        logLevel: 'silent',
      })
      await assert.rejects(building, (error: BuildFailure) => {
        const said = error.errors.map(({text: line}) => line).join('\n')
        assert.match(said, /loader\.js has changed .*exports\.getUserFunction.*shims\/framework-loader\.cjs/)
        assert.match(said, /nothing asks any more for what deploy\/bundle\/shims\/logging\.js replaces/)
        return true
      })
    } finally {
      await rm(root, {recursive: true})
    }
  })
})
