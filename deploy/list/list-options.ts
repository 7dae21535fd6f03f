import {Command} from '@commander-js/extra-typings'
import {parseArgv} from '../cli/parse-argv.ts'
import {environmentArgument, jsonOption} from '../environment/shared-options.ts'

export type ListOptions = {readonly environment: string; readonly json: boolean}

/** Parses the words after `npm run list --`. @throws UsageError that says which word is wrong. */
export function parseListOptions(argv: readonly string[]): ListOptions | {help: string} {
  const command = new Command('npm run list --')
    .description('Every job: its schedule, its next and last runs, what it missed, its dead letters.')
    .addArgument(environmentArgument())
    .addOption(jsonOption())
    .addHelpText('after', '\nExit codes: 0 all was read, 1 nothing could be read, 3 a part is unknown.')
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment] = command.processedArgs
  return {environment, json: command.opts().json ?? false}
}
