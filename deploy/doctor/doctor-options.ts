import {Command} from '@commander-js/extra-typings'
import {parseArgv} from '../cli/parse-argv.ts'
import {environmentArgument, jsonOption} from '../environment/shared-options.ts'

export type DoctorOptions = {readonly environment: string; readonly json: boolean}

const help = `
Exit codes: 0 all checks passed, 1 something is wrong, 2 wrong usage or configuration, 3 a check could not be done.
With CA_ROOT_API_KEY in the shell the root key is tried; local tries what its functions have. It is never printed.`

/** Parses the words after `npm run doctor --`. @throws UsageError that says which word is wrong. */
export function parseDoctorOptions(argv: readonly string[]): DoctorOptions | {help: string} {
  const command = new Command('npm run doctor --')
    .description('Checks everything that a run needs, each line with what to do about it.')
    .addArgument(environmentArgument())
    .addOption(jsonOption())
    .addHelpText('after', help)
  const helpText = parseArgv(command, argv)
  if (helpText !== undefined) return {help: helpText}
  const [environment] = command.processedArgs
  return {environment, json: command.opts().json ?? false}
}
