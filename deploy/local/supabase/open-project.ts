import {existsSync} from 'node:fs'
import {chmod, mkdir, readdir, readFile, rename, rm} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {PGlite} from '@electric-sql/pglite'
import {availableExtensions, trustModdatetime} from './extensions.ts'
import {preparedProject} from './prepared-project.ts'
import {runSimpleQuery} from './simple-query.ts'

/** The name of the bootstrap superuser, as on Supabase, where `postgres` is an ordinary role with many grants. */
const superuser = 'supabase_admin'

/**
 * Opens a database that is prepared as Supabase prepares a project, with the files of `project/` in order of their name.
 *
 * @param options.dataFolder where it is kept; without one it lives in memory
 * @throws Error when a file of `project/` is refused
 */
export async function openProject(options: {readonly dataFolder?: string | undefined}): Promise<PGlite> {
  const {dataFolder} = options
  if (dataFolder === undefined) return open({loadDataDir: await newProject()})
  if (!existsSync(join(dataFolder, 'PG_VERSION'))) await createFolder(dataFolder)
  return open({dataDir: dataFolder})
}

/** Under another name until it is complete: a process that ends before that leaves nothing that looks like a project. */
async function createFolder(dataFolder: string): Promise<void> {
  const unfinished = `${dataFolder}.unfinished`
  await mkdir(dirname(dataFolder), {recursive: true})
  await rm(unfinished, {recursive: true, force: true})
  const database = await open({dataDir: unfinished, loadDataDir: await newProject()})
  await database.close()
  // PGlite makes its files readable by everybody.
  await chmod(unfinished, 0o700)
  await rename(unfinished, dataFolder)
}

async function open(place: {readonly dataDir?: string; readonly loadDataDir?: Blob}): Promise<PGlite> {
  const database = await PGlite.create({
    ...place,
    extensions: availableExtensions,
    initDbStartParams: [`--username=${superuser}`],
    startParams: startParameters(),
  })
  trustModdatetime(database)
  return database
}

/** PGlite's own, but for the search path: that of `postgres` on Supabase, so that RESET leads back to it. */
function startParameters(): string[] {
  return PGlite.defaultStartParams.map(parameter =>
    parameter.startsWith('search_path=') ? 'search_path="$user", public, extensions' : parameter,
  )
}

/** The data of a project in which nothing was done yet. */
async function newProject(): Promise<Blob> {
  const folder = new URL('./project/', import.meta.url)
  const names = (await readdir(folder)).filter(name => name.endsWith('.sql')).sort()
  const texts = await Promise.all(names.map(name => readFile(new URL(name, folder), 'utf8')))
  const sql = texts.join('\n')
  return preparedProject(sql, async () => {
    const database = await open({})
    const outcome = await runSimpleQuery(database, sql)
    if (outcome.kind === 'refused') throw new Error(`a new project could not be prepared: ${outcome.error.message}`)
    // What is only in memory isn't in the data.
    await database.exec('checkpoint')
    const data = await database.dumpDataDir('none')
    await database.close()
    return data
  })
}

/**
 * What a new connection is, on the only one that PGlite has: nothing left of the last one (open transaction, settings,
 * temporary tables, prepared statements, advisory locks), logged in as `postgres`. The user is named although DISCARD ALL
 * resets it, since no user has logged in here.
 */
export async function startSession(database: PGlite): Promise<void> {
  await database.exec('rollback')
  await database.exec('discard all')
  await database.exec('set session authorization postgres')
}
