import {Command} from 'commander'
import {environmentNames} from '../catalogue/environments.ts'
import {parseArgv} from '../cli/parse-argv.ts'

export type ListOptions = {readonly environment: string; readonly json: boolean}

/** Parses the words after `npm run list --`. @throws UsageError that says which word is wrong. */
export function parseListOptions(argv: readonly string[]): ListOptions | {help: string} {
  const command = new Command('npm run list --')
    .description('Every job: its schedule, when it runs next, how it ran last, what it missed, its dead letters.')
    .argument('<env>', environmentNames.join(', '))
    .option('--json', 'print one JSON object on standard output and nothing else', false)
    .addHelpText('after', '\nExit codes: 0 all was read, 1 nothing could be read, 3 a part is unknown.')
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment = ''] = command.args
  return {environment, json: command.opts<{json: boolean}>().json}
}
