import {Command} from '@commander-js/extra-typings'
import {parseArgv} from '../cli/parse-argv.ts'
import {environmentArgument} from '../environment/shared-options.ts'
import {checkRunId} from './runs-options.ts'

export type LogsOptions = {readonly environment: string; readonly runId: string; readonly follow: boolean}

/** Parses the words after `npm run logs --`. @throws UsageError that says which word is wrong. */
export function parseLogsOptions(argv: readonly string[]): LogsOptions | {help: string} {
  const command = new Command('npm run logs --')
    .description(
      "A run's log lines, oldest first: from Cloud Logging with your own gcloud, or from the sandbox's file.",
    )
    .addArgument(environmentArgument())
    .argument('<run id>', 'as `npm run runs -- <env>` lists them')
    .option('--follow', 'go on until the run is over')
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment, runId] = command.processedArgs
  checkRunId(runId)
  return {environment, runId, follow: command.opts().follow ?? false}
}
