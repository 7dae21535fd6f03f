import {Command} from '@commander-js/extra-typings'
import {parseArgv} from '../cli/parse-argv.ts'
import {environmentArgument, jsonOption} from '../environment/shared-options.ts'

export type MigrationsOptions = {readonly environment: string; readonly json: boolean}

const help = `
SUPABASE_MIGRATIONS_DIR names the folder of your migrations; only local has samples to fall back to.
The Supabase access token is SUPABASE_ACCESS_TOKEN of this shell, else the secret that the function uses, read by gcloud.

Exit codes: 0 the table was read, 1 it could not be read, 2 wrong usage or configuration, 130 interrupted.`

/** Parses the words after `npm run migrations --`. @throws UsageError that says which word is wrong. */
export function parseMigrationsOptions(argv: readonly string[]): MigrationsOptions | {help: string} {
  const command = new Command('npm run migrations --')
    .description('Every migration: applied, pending, changed or missing, what the next run would do, and what to fix.')
    .addArgument(environmentArgument())
    .addOption(jsonOption())
    .addHelpText('after', help)
  const helpText = parseArgv(command, argv)
  if (helpText !== undefined) return {help: helpText}
  const [environment] = command.processedArgs
  return {environment, json: command.opts().json ?? false}
}
