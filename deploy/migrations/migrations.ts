import {parseEnvironmentName} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {wrapLines} from '../cli/wrap-lines.ts'
import {parseReportOptions} from '../environment/report-options.ts'
import type {MigrationOverview} from './find-migrations.ts'

const about = {
  command: 'migrations',
  description: 'Every migration: applied, pending, changed or missing, what the next run would do, and what to fix.',
  help: `SUPABASE_MIGRATIONS_DIR names the folder of your migrations; only local has samples to fall back to.
The Supabase access token is SUPABASE_ACCESS_TOKEN of this shell, else the secret that the function uses, read by gcloud.

Exit codes: 0 the table was read, 1 it could not be read, 2 wrong usage or configuration, 130 interrupted.`,
}

/** `npm run migrations`: every file with its state, what the next run would do, and what to fix. Changes nothing. */
export async function runMigrations(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const options = parseReportOptions(argv, about)
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
    io.stdout(
      options.json
        ? JSON.stringify(toJson(overview, target.name))
        : wrapLines(formatMigrations(overview, target), io.columns),
    )
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
