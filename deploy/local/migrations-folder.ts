import {fileURLToPath} from 'node:url'
import {parseOutsidePath} from '../../lib/environment/outside-path.ts'

/** An invented schema, for a sandbox that is given none. It never leaves this machine. */
export const sampleMigrations = fileURLToPath(new URL('./supabase/sample-migrations', import.meta.url))

/**
 * The migrations that the sandbox applies: those of SUPABASE_MIGRATIONS_DIR, else the samples.
 *
 * @throws ConfigurationError for a folder that the project must not touch.
 */
export function localMigrationsFolder(variables: Readonly<Record<string, string | undefined>>): string {
  const given = variables['SUPABASE_MIGRATIONS_DIR']
  return given === undefined || given === '' ? sampleMigrations : parseOutsidePath('SUPABASE_MIGRATIONS_DIR', given)
}
