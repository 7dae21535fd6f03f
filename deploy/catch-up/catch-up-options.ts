import {Command, Option} from '@commander-js/extra-typings'
import {environmentNames} from '../catalogue/environments.ts'
import {parseDuration} from '../cli/duration.ts'
import {parseArgv} from '../cli/parse-argv.ts'

export type CatchUpOptions = {
  readonly environment: string
  /** Only these, as they were typed, then by their own names; none: every scheduled job. */
  readonly jobs: readonly string[]
  readonly sinceSeconds: number
  readonly timeoutSeconds: number
  readonly dryRun: boolean
  readonly isConfirmed: boolean
  readonly json: boolean
}

/** How long each run is waited for, unless an option says otherwise. */
export const defaultTimeoutSeconds = 3600

const week = 7 * 86_400
const description = `Makes up for scheduled runs that were missed. Each job declares what is right for them: every slot runs, only the newest, only those of today, or none. Shows what it would do, asks, then publishes those runs under their slots' run ids, oldest first, one after the other; the others are recorded as skipped.`

/** Parses the words after `npm run catch-up --`. @throws UsageError that says which word is wrong. */
export function parseCatchUpOptions(argv: readonly string[]): CatchUpOptions | {help: string} {
  const command = new Command('npm run catch-up --')
    .description(description)
    .argument('<env>', environmentNames.join(', '))
    .option('--job <job>', 'only this job; may be repeated', (name, names: string[] = []): string[] => [...names, name])
    .addOption(new Option('--since <time>', 'how far back: 2h, 7d').default(week, '7d').argParser(parseDuration))
    .addOption(
      new Option('--timeout <time>', 'how long to wait for each run: 15m, 5h')
        .default(defaultTimeoutSeconds, '1h')
        .argParser(parseDuration),
    )
    .option('--dry-run', 'show what it would do, and do nothing')
    .option('--yes', "don't ask")
    .option('--json', 'print one JSON object to standard output and nothing else')
    .addHelpText(
      'after',
      `\nExit codes: 0 nothing was missed, or all was made up for; 1 every run failed; 2 wrong usage or configuration; 3 some runs failed, degraded or aren't over yet; 130 interrupted (what wasn't done is still listed as missed).`,
    )
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment] = command.processedArgs
  const {job = [], since, timeout, dryRun, yes, json} = command.opts()
  return {
    environment,
    jobs: job,
    sinceSeconds: since,
    timeoutSeconds: timeout,
    dryRun: dryRun ?? false,
    isConfirmed: yes ?? false,
    json: json ?? false,
  }
}
