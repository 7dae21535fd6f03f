import {createHash} from 'node:crypto'
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {ConfigurationError} from '../errors/configuration-error.ts'
import {plural} from '../log/plural.ts'
import {type MigrationFile, parseMigrationFiles} from './migration-file.ts'

/** The migrations of a folder, and what identifies them in a plan, a log and a run's summary. */
export type MigrationSet = {
  readonly folder: string
  readonly files: readonly MigrationFile[]
  /** Of all names and contents, 12 hex digits. */
  readonly hash: string
}

/**
 * Reads and checks every migration of a folder before anything runs: the `*.sql` files of the folder itself.
 *
 * @throws ConfigurationError if the folder can't be read, holds no migration, or something that can't be one.
 */
export async function readMigrationFolder(folder: string): Promise<MigrationSet> {
  const entries = await readdir(folder, {withFileTypes: true}).catch(cause => {
    throw new ConfigurationError(
      [`the migrations folder ${folder} can't be read: set SUPABASE_MIGRATIONS_DIR to the folder of your *.sql files`],
      {cause},
    )
  })
  const candidates = entries.filter(({name}) => name.toLowerCase().endsWith('.sql'))
  const irregular = candidates.filter(entry => !entry.isFile())
  if (irregular.length > 0) {
    throw new ConfigurationError(
      irregular.map(
        entry =>
          `${join(folder, entry.name)} is ${entry.isSymbolicLink() ? 'a symbolic link' : 'not a regular file'}: only files of the folder itself are migrations, so copy its content here`,
      ),
    )
  }
  if (candidates.length === 0) {
    throw new ConfigurationError([
      `the migrations folder ${folder} holds no *.sql file: set SUPABASE_MIGRATIONS_DIR to the folder of your migrations`,
    ])
  }
  const files = parseMigrationFiles(
    await Promise.all(candidates.map(async ({name}) => ({name, bytes: await readFile(join(folder, name))}))),
  )
  const hash = createHash('sha256')
  for (const {name, checksum} of files) hash.update(`${name} ${checksum}\n`)
  return {folder, files, hash: hash.digest('hex').slice(0, 12)}
}

/** `45 files of /repo/supabase_db (hash 0123456789ab)`. */
export function describeSet({folder, files, hash}: MigrationSet): string {
  return `${plural(files.length, 'file')} of ${folder} (hash ${hash})`
}
