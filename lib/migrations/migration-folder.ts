import {readdir, readFile, realpath} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ConfigurationError} from '../errors/configuration-error.ts'
import {type MigrationFile, parseMigrationFiles} from './migration-file.ts'

/** Nothing of this project reads there. */
const forbidden = '/Users/gurukallam/'

/**
 * Reads and checks every migration before anything runs.
 *
 * @param folder a path, or the URL of the folder beside the job.
 * @throws ConfigurationError if the folder can't be read, or holds what is no migration.
 */
export async function readMigrationFolder(folder: string | URL): Promise<MigrationFile[]> {
  const path = typeof folder === 'string' ? folder : fileURLToPath(folder)
  const real = await realpath(path).catch(cause => {
    throw new ConfigurationError([`the folder of migrations, ${path}, can't be read`], {cause})
  })
  if (`${real}/`.startsWith(forbidden)) throw new ConfigurationError([`migrations may not be read below ${forbidden}`])
  const entries = await readdir(real, {withFileTypes: true})
  const files = await Promise.all(
    entries.filter(entry => entry.isFile()).map(async ({name}) => ({name, bytes: await readFile(join(real, name))})),
  )
  return parseMigrationFiles(files)
}
