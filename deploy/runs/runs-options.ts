import {Command, Option} from '@commander-js/extra-typings'
import {jobOfRunId} from '../../lib/job/run-id.ts'
import {parseDuration} from '../cli/duration.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'
import {environmentArgument, jsonOption} from '../environment/shared-options.ts'

export type RunsOptions = {
  readonly environment: string
  /** One run; undefined: the list. */
  readonly runId: string | undefined
  /** As it was typed. */
  readonly job: string | undefined
  readonly sinceSeconds: number
  readonly onlyFailed: boolean
  readonly check: boolean
  /** Success rate, durations and trend instead of the runs themselves. */
  readonly stats: boolean
  /** Waits until the one run is over; its exit code is then the command's. */
  readonly follow: boolean
  readonly json: boolean
}

const week = 7 * 86_400

/** Parses the words after `npm run runs --`. @throws UsageError that says which word is wrong. */
export function parseRunsOptions(argv: readonly string[]): RunsOptions | {help: string} {
  const command = new Command('npm run runs --')
    .description('What ran, and what should have: the history of runs, or everything about one.')
    .addArgument(environmentArgument())
    .argument('[run id]', 'one run, in full')
    .option('--job <job>', 'only runs of this job')
    .addOption(new Option('--since <time>', 'how far back: 2h, 7d').default(week, '7d').argParser(parseDuration))
    .option('--failed', 'only runs that failed, are degraded, or were abandoned or missed')
    .option('--stats', 'success rate, p50, p95 and trend of each job')
    .option('--follow', 'with a run id: wait until it is over, and exit as `publish` would have')
    .option('--check', 'exit with 1 if a scheduled run was missed')
    .addOption(jsonOption())
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment, runId] = command.processedArgs
  const {job, since, failed = false, stats = false, check = false, follow = false, json = false} = command.opts()
  const isFiltered = job !== undefined || failed || check || stats || command.getOptionValueSource('since') === 'cli'
  if (runId !== undefined && isFiltered) {
    throw new UsageError('one run takes no filters: leave out --job, --since, --failed, --stats and --check')
  }
  if (runId === undefined && follow) throw new UsageError('follow which run? --follow goes with a run id')
  if (runId !== undefined) checkRunId(runId)
  return {environment, runId, job, sinceSeconds: since, onlyFailed: failed, check, stats, follow, json}
}

/** @throws UsageError for a text that no run id is. */
export function checkRunId(runId: string): void {
  if (jobOfRunId(runId) !== undefined) return
  throw new UsageError(`"${runId}" is no run id: <job>@<slot or id>, as \`npm run runs -- <env>\` lists them`)
}
