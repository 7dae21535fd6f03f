import {Command} from '@commander-js/extra-typings'
import {parseArgv} from '../cli/parse-argv.ts'
import {environmentArgument, jsonOption} from './shared-options.ts'

/** The options of a command that reads an environment and reports on it. */
export type ReportOptions = {readonly environment: string; readonly json: boolean}

/**
 * Parses the words after `npm run <command> --`.
 *
 * @param about.help what the help text ends with.
 * @throws UsageError that says which word is wrong.
 */
export function parseReportOptions(
  argv: readonly string[],
  about: {readonly command: string; readonly description: string; readonly help: string},
): ReportOptions | {help: string} {
  const command = new Command(`npm run ${about.command} --`)
    .description(about.description)
    .addArgument(environmentArgument())
    .addOption(jsonOption())
    .addHelpText('after', `\n${about.help}`)
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment] = command.processedArgs
  return {environment, json: command.opts().json ?? false}
}
