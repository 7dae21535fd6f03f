import {cp, mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import {dirname, join, relative, resolve} from 'node:path'
import {build, type Metafile, type Plugin} from 'esbuild'
import * as z from 'zod'
import type {Job} from '../lib/job.ts'
import {hashFolder} from './bundle-hash.ts'
import {projectRoot} from './catalogue.ts'
import {stageLock} from './staged-lock.ts'

export type Bundle = {
  readonly functionName: string
  /** Holds `index.mjs`, its chunks, `package.json` and its lock file, and what the job reads: all that is deployed. */
  readonly folder: string
  /** The same for the same sources. */
  readonly hash: string
  /** Packages that the cloud installs beside the bundle: `node_modules/cloudevents`. */
  readonly installed: readonly string[]
  readonly metafile: Metafile
}

/**
 * Stays outside: the framework's command loads the bundle, and a second copy of it inside would be a second registry,
 * in which nobody looks.
 */
const external = '@google-cloud/functions-framework'

const manifestSchema = z.object({version: z.string(), dependencies: z.record(z.string(), z.string())})

/** The job that has a folder of its own to read, and where that is kept. */
const migrateJob = 'supabase-migrate'
const migrationsFolder = 'functions/manual/migrations'

// Explicit, or gcloud writes one that leaves out what git ignores.
const ignored = 'node_modules/\n'

/**
 * Builds one function as it is deployed: the entry with its one job built in, in a folder of its own.
 *
 * @param options.migrationsFolder travels with supabase-migrate. @default functions/manual/migrations
 * @throws esbuild's BuildFailure with every problem.
 */
export async function bundleFunction(
  job: Job,
  outFolder: string,
  options: {readonly migrationsFolder?: string | undefined} = {},
): Promise<Bundle> {
  const folder = join(outFolder, job.functionName)
  await rm(folder, {recursive: true, force: true})
  await mkdir(folder, {recursive: true})
  // Always the same, wherever the result goes: names of chunks depend on it, and the hash on them.
  const outdir = join(projectRoot, 'dist', job.functionName)
  const {metafile, outputFiles} = await build({
    absWorkingDir: projectRoot,
    entryPoints: [{in: 'lib/main.ts', out: 'index'}],
    outdir,
    write: false,
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
  for (const {path, contents} of outputFiles) {
    const target = join(folder, relative(outdir, path))
    await mkdir(dirname(target), {recursive: true})
    await writeFile(target, contents)
  }
  const manifest = await stagedManifest(job)
  const {text, paths} = stageLock(await readFile(join(projectRoot, 'package-lock.json'), 'utf8'), manifest)
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  await writeFile(join(folder, 'package-lock.json'), text)
  await writeFile(join(folder, '.gcloudignore'), ignored)
  if (job.name === migrateJob) {
    const from = resolve(projectRoot, options.migrationsFolder ?? migrationsFolder)
    // Beside the bundle: where the job looks by itself.
    await cp(from, join(folder, 'migrations'), {recursive: true})
  }
  return {functionName: job.functionName, folder, hash: await hashFolder(folder), installed: paths, metafile}
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

async function stagedManifest(job: Job) {
  const {version, dependencies} = manifestSchema.parse(
    JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')),
  )
  return {
    name: job.functionName,
    version,
    private: true,
    type: 'module',
    main: 'index.mjs',
    engines: {node: '24'},
    dependencies: {[external]: dependencies[external] ?? ''},
  }
}
