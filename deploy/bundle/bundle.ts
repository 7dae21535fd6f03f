import {copyFile, mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import type {Metafile} from 'esbuild'
import * as z from 'zod'
import {currentVersion} from '../../lib/environment/version.ts'
import type {Job} from '../../lib/job/job.ts'
import {type MigrationSet, readMigrationFolder} from '../../lib/migrations/migration-folder.ts'
import {projectRoot} from '../catalogue/catalogue.ts'
import {hashFolder, versionFile} from './bundle-hash.ts'
import {type BuiltFunction, createFunctionBuilder, framework} from './function-builder.ts'
import {nodeFlags, toShebang} from './node-flags.ts'
import {createSbom} from './sbom.ts'

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

const manifestSchema = z.object({version: z.string()})

/** The job that has a folder of its own to read. */
const migrateJob = 'supabase-migrate'

// Explicit, or gcloud writes one that leaves out what git ignores.
const ignored = 'node_modules/\n'

export type Bundler = {
  /**
   * Builds one function as it is deployed: the entry with its one job and the framework built in, in a folder of its own.
   *
   * @param options.migrationsFolder its `*.sql` files travel with supabase-migrate; without one, none do.
   * @throws esbuild's BuildFailure with every problem.
   */
  readonly bundle: (job: Job, outFolder: string, options?: BundleOptions) => Promise<Bundle>
  readonly close: () => Promise<void>
}

export type BundleOptions = {readonly migrationsFolder?: string | undefined}

/** Bundles functions one after the other. They differ in one file: what they share is parsed once, for half the time. */
export async function createBundler(): Promise<Bundler> {
  const builder = await createFunctionBuilder()
  return {
    bundle: async (job, outFolder, options = {}) => writeBundle(await builder.build(job), job, outFolder, options),
    close: builder.close,
  }
}

/** One function alone, as {@link Bundler} does it. */
export async function bundleFunction(job: Job, outFolder: string, options?: BundleOptions): Promise<Bundle> {
  const bundler = await createBundler()
  try {
    return await bundler.bundle(job, outFolder, options)
  } finally {
    await bundler.close()
  }
}

async function writeBundle(
  {metafile, files}: BuiltFunction,
  job: Job,
  outFolder: string,
  {migrationsFolder}: BundleOptions,
): Promise<Bundle> {
  const folder = join(outFolder, job.functionName)
  await rm(folder, {recursive: true, force: true})
  await mkdir(folder, {recursive: true})
  for (const {path, contents} of files) {
    const target = join(folder, path)
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
    job.name === migrateJob && migrationsFolder !== undefined
      ? await copyMigrations(migrationsFolder, folder)
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

const command = `${toShebang(nodeFlags)}\nimport '../index.mjs'\n`

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
