import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import {promisify} from 'node:util'
import * as z from 'zod'
import {type Bundle, bundleFunction} from '../../../deploy/bundle/bundle.ts'
import {hashFolder, versionFile} from '../../../deploy/bundle/bundle-hash.ts'
import {nodeFlags, toShebang} from '../../../deploy/bundle/node-flags.ts'
import {loadCatalogue, projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {currentVersion} from '../../../lib/environment/version.ts'

const sbomSchema = z.object({
  metadata: z.object({component: z.object({name: z.string()})}),
  components: z.array(z.object({name: z.string(), version: z.string(), purl: z.string()})),
})

describe('a staged folder', function () {
  this.timeout(60_000)
  let root: string
  let bundle: Bundle
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'staged ü#%-'))
    const job = (await loadCatalogue()).find(({name}) => name === 'daily-quota-reset')
    assert.ok(job !== undefined)
    bundle = await bundleFunction(job, root)
  })
  after(() => rm(root, {recursive: true}))

  it('holds no source map: nothing reads one', async () => {
    const names = await readdir(bundle.folder, {recursive: true})
    assert.deepEqual(
      names.filter(name => name.endsWith('.map')),
      [],
    )
  })

  it('names the packages that are really in the bundle, with their versions', async () => {
    const sbom = sbomSchema.parse(JSON.parse(await readFile(join(bundle.folder, 'sbom.cdx.json'), 'utf8')))
    const names = sbom.components.map(({name}) => name)
    for (const name of ['zod', '@google-cloud/bigquery', '@google-cloud/functions-framework']) {
      assert.ok(names.includes(name), name)
    }
    // Installed, but no function needs them.
    for (const name of ['commander', '@duckdb/node-api', 'esbuild']) assert.ok(!names.includes(name), name)
    const {version} = z
      .object({version: z.string()})
      .parse(JSON.parse(await readFile(join(projectRoot, 'node_modules/zod/package.json'), 'utf8')))
    assert.ok(sbom.components.some(({purl}) => purl === `pkg:npm/zod@${version}`))
    assert.equal(sbom.metadata.component.name, 'cloudact-daily-quota-reset')
    assert.equal(new Set(sbom.components.map(({purl}) => purl)).size, sbom.components.length)
  })

  it('has its version built in, and a hash that does not depend on the commit', async () => {
    const path = join(bundle.folder, versionFile)
    assert.match(await readFile(path, 'utf8'), new RegExp(RegExp.escape(JSON.stringify(currentVersion()))))
    await writeFile(path, "export const currentVersion = () => '1.0.0+0000000'\n")
    assert.equal(await hashFolder(bundle.folder), bundle.hash)
  })

  it('starts Node with its flags, and with all that the build packs put into NODE_OPTIONS', async () => {
    const folder = join(root, 'flags')
    await mkdir(folder)
    const command = join(folder, 'main.mjs')
    const program = `import {getHeapStatistics} from 'node:v8'
console.log(JSON.stringify([process.execArgv, process.env.MALLOC_ARENA_MAX, getHeapStatistics().heap_size_limit < 250e6]))
`
    await writeFile(command, `${toShebang(nodeFlags)}\n${program}`, {mode: 0o755})
    const PATH = [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)
    const {stdout} = await promisify(execFile)(command, {env: {PATH, NODE_OPTIONS: '--max-old-space-size=200'}})
    assert.deepEqual(JSON.parse(stdout), [['--max-semi-space-size=2'], '1', true])
  })
})
