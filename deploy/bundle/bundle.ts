import {copyFile, mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import {basename, dirname, join, relative} from 'node:path'
import {build, type Metafile, type Plugin} from 'esbuild'
import * as z from 'zod'
import {currentVersion} from '../../lib/environment/version.ts'
import type {Job} from '../../lib/job/job.ts'
import {type MigrationSet, readMigrationFolder} from '../../lib/migrations/migration-folder.ts'
import {projectRoot} from '../catalogue/catalogue.ts'
import {buildInFound} from './build-in-found.ts'
import {hashFolder, versionFile} from './bundle-hash.ts'
import {nameExports, requireBanner} from './commonjs.ts'
import {nodeFlags, toShebang} from './node-flags.ts'
import {createSbom} from './sbom.ts'
import {applyShims} from './shims.ts'

export type Bundle = {
  readonly functionName: string
  /** All that is deployed: `index.mjs`, its chunks, the framework's command, and what the job reads. */
  readonly folder: string
  /** The same for the same sources. */
  readonly hash: string
  readonly metafile: Metafile
  /** What travels with supabase-migrate. */
  readonly migrations: MigrationSet | undefined
}

const framework = '@google-cloud/functions-framework'
const versionSource = join(projectRoot, 'lib/environment/version.ts')
const manifestSchema = z.object({version: z.string()})

/** The job that has a folder of its own to read. */
const migrateJob = 'supabase-migrate'

// Explicit, or gcloud writes one that leaves out what git ignores.
const ignored = 'node_modules/\n'

/**
 * Builds one function as it is deployed: the entry with its one job and the framework built in, in a folder of its own.
 *
 * @param options.migrationsFolder its `*.sql` files travel with supabase-migrate; without one, none do.
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
    stdin: {contents: entry, sourcefile: 'index.ts', resolveDir: projectRoot, loader: 'ts'},
    entryNames: 'index',
    outdir,
    write: false,
    outExtension: {'.js': '.mjs'},
    // All in one folder: a job looks for its files beside itself.
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
    plugins: [buildIn(job), buildInFound, separateVersion, nameExports(projectRoot), applyShims(projectRoot)],
    banner: requireBanner,
    logLevel: 'silent',
  })
  for (const {path, contents} of outputFiles) {
    const target = join(folder, relative(outdir, path))
    await mkdir(dirname(target), {recursive: true})
    await writeFile(target, contents)
  }
  await copyWebAssembly(metafile, folder)
  await writeManifests(job, folder)
  const version = currentVersion()
  await writeFile(join(folder, versionFile), `export const currentVersion = () => ${JSON.stringify(version)}\n`)
  const sbom = await createSbom(metafile, projectRoot, {
    name: job.functionName,
    version: await readVersion('package.json'),
  })
  await writeJson(join(folder, 'sbom.cdx.json'), sbom)
  await writeFile(join(folder, '.gcloudignore'), ignored)
  const migrations =
    job.name === migrateJob && options.migrationsFolder !== undefined
      ? await copyMigrations(options.migrationsFolder, folder)
      : undefined
  return {functionName: job.functionName, folder, hash: await hashFolder(folder), metafile, migrations}
}

/** PostgreSQL's parser reads its code from beside the module that it is part of: here, the bundle. */
const webAssembly = 'node_modules/libpg-query/wasm/libpg-query.wasm'

async function copyWebAssembly({inputs}: Metafile, folder: string): Promise<void> {
  const isUsed = Object.keys(inputs).some(path => path.startsWith(dirname(webAssembly)))
  if (isUsed) await copyFile(join(projectRoot, webAssembly), join(folder, basename(webAssembly)))
}

/** Beside the bundle: where the job looks by itself. */
async function copyMigrations(from: string, folder: string): Promise<MigrationSet> {
  const set = await readMigrationFolder(from)
  const target = join(folder, 'migrations')
  await mkdir(target)
  await Promise.all(set.files.map(({name}) => copyFile(join(from, name), join(target, name))))
  return set
}

/**
 * Registers the function, then serves it as the framework's own command does. Two modules: V8 keeps a source of more than
 * a megabyte with two bytes a character.
 */
const entry = `await import('./lib/main.ts')\nawait import('./node_modules/${framework}/build/src/main.js')\n`

const command = `${toShebang(nodeFlags)}\nimport '../index.mjs'\n`

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
function buildIn(job: Job): Plugin {
  return {
    name: 'build-in-job',
    setup({onLoad}) {
      onLoad({filter: /[\\/]lib[\\/]job[\\/]load-declaration\.ts$/}, () => ({
        contents: `import declaration from ${JSON.stringify(join(projectRoot, job.path))}\nexport const loadDeclaration = async () => declaration\n`,
        loader: 'ts',
        resolveDir: projectRoot,
      }))
    },
  }
}

/**
 * Cloud Functions starts `node_modules/.bin/functions-framework` of the package that the function depends on. Here this
 * package is a folder of the function's own, whose command is the bundle: nothing is installed from anywhere.
 * Source: GoogleCloudPlatform/buildpacks, cmd/nodejs/functions_framework/lib/lib.go
 */
async function writeManifests(job: Job, folder: string): Promise<void> {
  const [version, frameworkVersion] = await Promise.all([
    readVersion('package.json'),
    readVersion(`node_modules/${framework}/package.json`),
  ])
  const commandManifest = {
    name: framework,
    version: frameworkVersion,
    type: 'module',
    bin: {'functions-framework': 'main.mjs'},
  }
  const manifest = {
    name: job.functionName,
    version,
    private: true,
    type: 'module',
    main: 'index.mjs',
    engines: {node: '24'},
    dependencies: {[framework]: 'file:framework'},
  }
  const {name: _name, ...locked} = commandManifest
  const lock = {
    name: manifest.name,
    version,
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': manifest,
      framework: locked,
      [`node_modules/${framework}`]: {resolved: 'framework', link: true},
    },
  }
  await mkdir(join(folder, 'framework'))
  await writeFile(join(folder, 'framework/main.mjs'), command, {mode: 0o755})
  await writeJson(join(folder, 'framework/package.json'), commandManifest)
  await writeJson(join(folder, 'package.json'), manifest)
  await writeJson(join(folder, 'package-lock.json'), lock)
}

async function readVersion(path: string): Promise<string> {
  return manifestSchema.parse(JSON.parse(await readFile(join(projectRoot, path), 'utf8'))).version
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`)
}
