import {Command} from 'commander'
import {environmentNames} from '../catalogue/environments.ts'
import {parseArgv} from '../cli/parse-argv.ts'

export type DoctorOptions = {readonly environment: string; readonly json: boolean}

const help = `
Exit codes: 0 everything is there, 1 something is wrong, 2 wrong usage or configuration, 3 something could not be looked at.
CA_ROOT_API_KEY in the shell has the root key tried; API_SERVICE_URL names another API.`

/** Parses the words after `npm run doctor --`. @throws UsageError that says which word is wrong. */
export function parseDoctorOptions(argv: readonly string[]): DoctorOptions | {help: string} {
  const command = new Command('npm run doctor --')
    .description('Is everything there that a run needs? Each line with what to do about it.')
    .argument('<env>', environmentNames.join(', '))
    .option('--json', 'print one JSON object on standard output and nothing else', false)
    .addHelpText('after', help)
  const helpText = parseArgv(command, argv)
  if (helpText !== undefined) return {help: helpText}
  const [environment = ''] = command.args
  return {environment, json: command.opts<{json: boolean}>().json}
}
