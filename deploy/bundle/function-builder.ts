import {join, relative} from 'node:path'
import {context, type Metafile, type Plugin} from 'esbuild'
import type {Job} from '../../lib/job/job.ts'
import {projectRoot} from '../catalogue/catalogue.ts'
import {buildInFound} from './build-in-found.ts'
import {versionFile} from './bundle-hash.ts'
import {nameExports, requireBanner} from './commonjs.ts'
import {applyShims} from './shims.ts'

export const framework = '@google-cloud/functions-framework'

export type BuiltFunction = {
  readonly metafile: Metafile
  /** Below the function's folder. */
  readonly files: readonly {readonly path: string; readonly contents: Uint8Array}[]
}

/**
 * Registers the function, then serves it as the framework's own command does. Two modules: V8 keeps a source of more than
 * a megabyte with two bytes a character.
 */
const entry = `await import('./lib/main.ts')\nawait import('./node_modules/${framework}/build/src/main.js')\n`

const versionSource = join(projectRoot, 'lib/environment/version.ts')
// Always the same, wherever the result goes: names of chunks depend on it, and the hash on them.
const outdir = join(projectRoot, 'dist')

/** What esbuild makes of functions, one after the other. They differ in one file: what they share is parsed once. */
export async function createFunctionBuilder(): Promise<{
  readonly build: (job: Job) => Promise<BuiltFunction>
  readonly close: () => Promise<void>
}> {
  let current: Job | undefined
  const esbuild = await context({
    absWorkingDir: projectRoot,
    stdin: {contents: entry, sourcefile: 'index.ts', resolveDir: projectRoot, loader: 'ts'},
    entryNames: 'index',
    outdir,
    write: false,
    outExtension: {'.js': '.mjs'},
    // All in one folder: a job reads its files from the folder that it is in.
    chunkNames: '[name]-[hash]',
    bundle: true,
    // Lazy parts (Pub/Sub's client, which a run that succeeds never needs) stay lazy only when they are split off.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    metafile: true,
    // A third less to read at each cold start; names stay, and short lines, so that a stack trace still says where.
    minifyWhitespace: true,
    lineLimit: 160,
    // As Cloud Functions sets it: what packages do besides for development is left out with it.
    define: {'process.env.NODE_ENV': '"production"'},
    plugins: [buildIn(() => current), buildInFound, separateVersion, nameExports(projectRoot), applyShims(projectRoot)],
    banner: requireBanner,
    logLevel: 'silent',
  })
  let queue: Promise<unknown> = Promise.resolve()
  return {
    build(job) {
      const built = queue.then(async () => {
        current = job
        const {metafile, outputFiles} = await esbuild.rebuild()
        return {metafile, files: outputFiles.map(({path, contents}) => ({path: relative(outdir, path), contents}))}
      })
      queue = built.catch(() => undefined)
      return built
    },
    close: () => esbuild.dispose(),
  }
}

/** In a file of its own: the bundle's hash stays the same from commit to commit while its code does. */
const separateVersion: Plugin = {
  name: 'separate-version',
  setup({onResolve}) {
    onResolve({filter: /[\\/]version\.ts$/}, ({path, resolveDir}) =>
      join(resolveDir, path) === versionSource ? {path: `./${versionFile}`, external: true} : undefined,
    )
  },
}

/** Replaces the import of any job by that of this one. */
function buildIn(currentJob: () => Job | undefined): Plugin {
  return {
    name: 'build-in-job',
    setup({onLoad}) {
      onLoad({filter: /[\\/]lib[\\/]job[\\/]load-declaration\.ts$/}, () => ({
        contents: `import declaration from ${JSON.stringify(join(projectRoot, currentJob()?.path ?? ''))}\nexport const loadDeclaration = async () => declaration\n`,
        loader: 'ts',
        resolveDir: projectRoot,
      }))
    },
  }
}
