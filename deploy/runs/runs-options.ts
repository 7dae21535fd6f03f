import {Command, Option} from 'commander'
import {jobOfRunId} from '../../lib/run/run-id.ts'
import {environmentNames} from '../catalogue/environments.ts'
import {parseDuration} from '../cli/duration.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'

export type RunsOptions = {
  readonly environment: string
  /** One run; undefined: the list. */
  readonly runId: string | undefined
  /** As it was typed. */
  readonly job: string | undefined
  readonly sinceSeconds: number
  readonly onlyFailed: boolean
  readonly check: boolean
  readonly json: boolean
}

const week = 7 * 86_400

/** Parses the words after `npm run runs --`. @throws UsageError that says which word is wrong. */
export function parseRunsOptions(argv: readonly string[]): RunsOptions | {help: string} {
  const command = new Command('npm run runs --')
    .description('What ran, and what should have: the history of runs, or everything about one.')
    .argument('<env>', environmentNames.join(', '))
    .argument('[run id]', 'one run, in full')
    .option('--job <job>', 'only runs of this job')
    .addOption(new Option('--since <time>', 'how far back: 2h, 7d').default(week, '7d').argParser(parseDuration))
    .option('--failed', 'only runs that failed, were abandoned or missed', false)
    .option('--check', 'exit with 1 if a scheduled run was missed', false)
    .option('--json', 'print one JSON object on standard output and nothing else', false)
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment = '', runId] = command.args
  const {job, since, failed, check, json} = command.opts<{
    job?: string
    since: number
    failed: boolean
    check: boolean
    json: boolean
  }>()
  if (
    runId !== undefined &&
    (job !== undefined || failed || check || command.getOptionValueSource('since') === 'cli')
  ) {
    throw new UsageError('one run takes no filters: leave out --job, --since, --failed and --check')
  }
  if (runId !== undefined && jobOfRunId(runId) === undefined) {
    throw new UsageError(`"${runId}" is no run id: <job>@<slot or id>, as \`npm run runs -- <env>\` lists them`)
  }
  return {environment, runId, job, sinceSeconds: since, onlyFailed: failed, check, json}
}
