import {mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {build, type Metafile, type Plugin} from 'esbuild'
import * as z from 'zod'
import type {Job} from '../lib/job.ts'
import {projectRoot} from './catalogue.ts'

export type Bundle = {
  readonly functionName: string
  /** Holds `index.mjs`, its chunks, and the `package.json` that the framework starts from. */
  readonly folder: string
  readonly metafile: Metafile
}

/**
 * Stays outside: the framework's command loads the bundle, and a second copy of it inside would be a second registry,
 * in which nobody looks.
 */
const external = '@google-cloud/functions-framework'

const manifestSchema = z.object({version: z.string(), dependencies: z.record(z.string(), z.string())})

/**
 * Builds one function as it is deployed: the entry with its one job built in, in a folder of its own.
 *
 * @throws esbuild's BuildFailure with every problem.
 */
export async function bundleFunction(job: Job, outFolder: string): Promise<Bundle> {
  const folder = join(outFolder, job.functionName)
  await rm(folder, {recursive: true, force: true})
  await mkdir(folder, {recursive: true})
  const {metafile} = await build({
    absWorkingDir: projectRoot,
    entryPoints: [{in: 'lib/main.ts', out: 'index'}],
    outdir: folder,
    outExtension: {'.js': '.mjs'},
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    // Lazy parts (Pub/Sub's client, which a run that succeeds never needs) stay lazy only when they are split off.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    sourcemap: 'linked',
    metafile: true,
    external: [external],
    plugins: [buildIn(job), nameExports],
    // CommonJS packages inside an ES module still call require() for Node's own modules, and ask where they are.
    banner: {
      js: [
        "import {createRequire as __createRequire} from 'node:module'",
        'const require = __createRequire(import.meta.url)',
        'const __filename = import.meta.filename',
        'const __dirname = import.meta.dirname',
        '',
      ].join(';'),
    },
    logLevel: 'silent',
  })
  await writeFile(join(folder, 'package.json'), await stagedManifest(job))
  return {functionName: job.functionName, folder, metafile}
}

/** Replaces the import of any job by that of this one. */
function buildIn(job: Job): Plugin {
  return {
    name: 'build-in-job',
    setup({onLoad}) {
      onLoad({filter: /[\\/]lib[\\/]load-declaration\.ts$/}, () => ({
        contents: `import declaration from ${JSON.stringify(join(projectRoot, job.path))}\nexport const loadDeclaration = async () => declaration\n`,
        loader: 'ts',
        resolveDir: projectRoot,
      }))
    },
  }
}

/** A CommonJS package that is imported lazily has nothing but a default export once it is split off: named again here. */
const nameExports: Plugin = {
  name: 'name-exports',
  setup({onResolve, onLoad}) {
    onResolve({filter: /^@google-cloud\/pubsub$/}, ({kind, path}) =>
      kind === 'dynamic-import' ? {path, namespace: 'name-exports'} : undefined,
    )
    onLoad({filter: /.*/, namespace: 'name-exports'}, ({path}) => ({
      contents: `export {PubSub} from ${JSON.stringify(path)}\n`,
      resolveDir: projectRoot,
    }))
  },
}

async function stagedManifest(job: Job): Promise<string> {
  const {version, dependencies} = manifestSchema.parse(
    JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')),
  )
  const manifest = {
    name: job.functionName,
    version,
    private: true,
    type: 'module',
    main: 'index.mjs',
    engines: {node: '24'},
    dependencies: {[external]: dependencies[external]},
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}
