import {Command} from '@commander-js/extra-typings'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'
import {confirmedOption, environmentArgument, jsonOption, timeoutOption} from '../environment/shared-options.ts'
import {type DeadLetterFilter, filterOptions, readFilter} from './dead-letter-filter.ts'

export type ReplayOptions = {
  readonly environment: string
  /** Dead letters by id; none: those that the filter matches. */
  readonly ids: readonly string[]
  readonly filter: DeadLetterFilter
  readonly limit: number | undefined
  /** Undefined: waits for one, not for several. */
  readonly wait: boolean | undefined
  readonly timeoutSeconds: number
  readonly isForced: boolean
  readonly isConfirmed: boolean
  readonly json: boolean
  readonly dryRun: boolean
}

const exitCodeText = `
Exit codes: 0 all done (and, waited for, succeeded), 1 failed, 2 wrong usage or configuration, or not confirmed, 3 partly done, or degraded, 130 interrupted (what was not published yet is still listed).`

/** Parses the words after `npm run replay --`. @throws UsageError that says which word is wrong. */
export function parseReplayOptions(argv: readonly string[]): ReplayOptions | {help: string} {
  const command = new Command('npm run replay --')
    .description('Publishes dead letters to the topic they came from, as the same runs.')
    .addArgument(environmentArgument())
    .argument('[ids...]', 'dead letters by id, as `npm run dead-letters -- <env>` lists them')
    .addOption(filterOptions.job())
    .addOption(filterOptions.run())
    .addOption(filterOptions.kind())
    .addOption(filterOptions.since())
    .option('--all', 'all, or all that the filters match')
    .addOption(filterOptions.limit())
    .option('--force', 'although the outcome is unknown and you have checked it, or it was replayed 5 times')
    .option('--wait', 'wait for the outcomes; the default for one dead letter')
    .option('--no-wait', 'return once they are published')
    .addOption(timeoutOption(900, '15m', '90s, 15m'))
    .addOption(confirmedOption())
    .addOption(jsonOption())
    .option('--dry-run', 'show what would be done, and do nothing')
    .addHelpText('after', exitCodeText)
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment, ids] = command.processedArgs
  const given = command.opts()
  const {limit, timeout, all = false, force = false, yes = false, json = false, dryRun = false} = given
  const filter = readFilter(given)
  const isFiltered = Object.keys(filter).length > 0 || all || limit !== undefined
  if (ids.length > 0 && isFiltered) throw new UsageError('name dead letters by id, or by filters, not both')
  if (ids.length === 0 && !all && limit === undefined) {
    throw new UsageError('which dead letters? Name them by id, or add --all or --limit <n>, with filters if you like')
  }
  return {
    environment,
    ids: [...new Set(ids)],
    filter,
    limit,
    wait: command.getOptionValueSource('wait') === 'cli' ? given.wait : undefined,
    timeoutSeconds: timeout,
    isForced: force,
    isConfirmed: yes,
    json,
    dryRun,
  }
}
