import {Command, Option} from '@commander-js/extra-typings'
import {parseArgv} from '../cli/parse-argv.ts'
import {environmentArgument, jsonOption} from '../environment/shared-options.ts'
import {checkRunId} from './runs-options.ts'

export type CancelOptions = {
  readonly environment: string
  readonly runId: string
  readonly isConfirmed: boolean
  readonly json: boolean
}

const help = `
What is in flight ends; nothing new is started, and no further part follows. A replay starts the run again.
A run that is published but has not started never starts; where nothing is known of a run, the command asks first.
Exit codes: 0 cancelled, or over already; 1 failed, 2 wrong usage or not confirmed.`

/** Parses the words after `npm run cancel --`. @throws UsageError that says which word is wrong. */
export function parseCancelOptions(argv: readonly string[]): CancelOptions | {help: string} {
  const command = new Command('npm run cancel --')
    .description('Cancels a run: an entry in the run ledger that the function reads with its heartbeats.')
    .addArgument(environmentArgument())
    .argument('<run id>', 'as `npm run runs -- <env>` lists them')
    .addOption(new Option('--yes', 'answer yes to what prod asks, and to what is asked where the run is unknown'))
    .addOption(jsonOption())
    .addHelpText('after', help)
  const helpText = parseArgv(command, argv)
  if (helpText !== undefined) return {help: helpText}
  const [environment, runId] = command.processedArgs
  checkRunId(runId)
  const {yes = false, json = false} = command.opts()
  return {environment, runId, isConfirmed: yes, json}
}
