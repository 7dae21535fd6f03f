import {existsSync} from 'node:fs'
import {chmod, glob, mkdir, mkdtemp, readdir, readFile, rename, rm, stat} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {build, type Plugin} from 'esbuild'
import {projectRoot} from '../catalogue/catalogue.ts'
import {findJobPaths} from '../catalogue/import-job.ts'
import {buildInFound} from './build-in-found.ts'
import {nameExports, requireBanner} from './commonjs.ts'

/** Folders, two for each state of the sources (15 MB): to and fro between branches prepares nothing anew. */
const keptFolders = 10
/** One that was used later than this stays in any case: a sandbox may still load parts of it. */
const keptMilliseconds = 3 * 86_400_000

/** Native code, WebAssembly and the bundler itself stay where they were installed. */
const external = ['@duckdb/node-api', '@electric-sql/pglite', 'esbuild', 'libpg-query']

/**
 * Bundles every file of `deploy/commands/`, with what is imported late split off, and all jobs built in.
 *
 * @param folder of this state of the sources; it appears complete, even if several commands prepare it at the same time.
 * @throws esbuild's BuildFailure, or an error of the file system.
 */
export async function prepareCommands(folder: string): Promise<void> {
  const cache = dirname(folder)
  await mkdir(cache, {recursive: true})
  const draft = await mkdtemp(join(cache, 'draft-'))
  try {
    await build({
      absWorkingDir: projectRoot,
      entryPoints: await Array.fromAsync(glob('deploy/commands/*.ts', {cwd: projectRoot})),
      outdir: draft,
      outExtension: {'.js': '.mjs'},
      chunkNames: 'chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      external,
      plugins: [await buildInJobs(), buildInFound, keepLocation, nameExports(projectRoot)],
      banner: requireBanner,
      logLevel: 'silent',
    })
    // Of mode 0700 until now: another user of this checkout runs it too.
    await chmod(draft, 0o755)
    await rename(draft, folder).catch(error => {
      // Another command was faster: its result is the same. start.mjs finds out whether it can be read.
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(draft, {recursive: true, force: true})
  }
  await removeOld(cache)
}

async function removeOld(cache: string): Promise<void> {
  const names = await readdir(cache)
  const folders = await Promise.all(
    names.map(async name => {
      const path = join(cache, name)
      // Another command's draft may be gone meanwhile.
      return {path, changed: await stat(path).then(({mtimeMs}) => mtimeMs, Date.now)}
    }),
  )
  const old = folders.toSorted((a, b) => b.changed - a.changed).slice(keptFolders)
  for (const {path, changed} of old) {
    if (Date.now() - changed > keptMilliseconds) await rm(path, {recursive: true, force: true})
  }
}

/** A source file finds what is beside it (workers, functions' processes, migrations) where it was written. */
const keepLocation: Plugin = {
  name: 'keep-location',
  setup({onLoad}) {
    onLoad({filter: /[\\/](deploy|functions|lib)[\\/].*\.ts$/}, async ({path}) => {
      if (!path.startsWith(projectRoot)) return undefined
      const text = await readFile(path, 'utf8')
      const location: Readonly<Record<string, string>> = {
        url: pathToFileURL(path).href,
        dirname: dirname(path),
        filename: path,
      }
      const contents = text.replaceAll(/\bimport\.meta\.(url|dirname|filename)\b/g, (_, name: string) =>
        JSON.stringify(location[name]),
      )
      return {contents, loader: 'ts'}
    })
  },
}

/** Replaces the search for jobs, and the import of each by its path, by one import of them all: they are read together. */
async function buildInJobs(): Promise<Plugin> {
  const paths = await findJobPaths(projectRoot)
  const imports = paths.map((path, index) => `import * as job${index} from ${JSON.stringify(`./${path}`)}\n`)
  const entries = paths.map((path, index) => `${JSON.stringify(path)}: job${index},\n`)
  return {
    name: 'build-in-jobs',
    setup({onResolve, onLoad}) {
      onLoad({filter: /[\\/]deploy[\\/]catalogue[\\/]import-job\.ts$/}, () => ({
        contents: `export const findJobPaths = async () => ${JSON.stringify(paths)}
export const importJob = async path => (await import('all-jobs')).jobs[path]
`,
        loader: 'js',
        resolveDir: projectRoot,
      }))
      onResolve({filter: /^all-jobs$/}, ({path}) => ({path, namespace: 'all-jobs'}))
      onLoad({filter: /.*/, namespace: 'all-jobs'}, () => ({
        contents: `${imports.join('')}export const jobs = {\n${entries.join('')}}\n`,
        loader: 'js',
        resolveDir: projectRoot,
      }))
    },
  }
}
