import {parseEnvironmentName} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import type {MigrationOverview} from './find-migrations.ts'
import {parseMigrationsOptions} from './migrations-options.ts'

/** `npm run migrations`: every file with its state, what the next run would do, and what to fix. Changes nothing. */
export async function runMigrations(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const options = parseMigrationsOptions(argv)
  if ('help' in options) {
    io.stdout(options.help)
    return exitCodes.done
  }
  const target = parseEnvironmentName(options.environment, io.env)
  const [{openMigrationDatabase}, {findMigrations}, {formatMigrations}] = await Promise.all([
    import('./open-database.ts'),
    import('./find-migrations.ts'),
    import('./migrations-table.ts'),
  ])
  const database = await openMigrationDatabase(target, io, signal)
  try {
    const overview = await findMigrations(database, target)
    io.stdout(options.json ? JSON.stringify(toJson(overview, target.name)) : formatMigrations(overview, target))
    return exitCodes.done
  } finally {
    await database.close()
  }
}

function toJson({set, projectRef, states, next, advice}: MigrationOverview, environment: string) {
  return {
    environment,
    projectRef,
    folder: set.folder,
    hash: set.hash,
    files: states,
    next: {
      problem: next.problem,
      files: next.files.map(({name, kind, bytes, warnings}) => ({name, kind, bytes, warnings})),
    },
    advice,
  }
}
