import {Command, InvalidArgumentError, Option} from 'commander'
import {environmentNames} from '../catalogue/environments.ts'
import {parseDuration} from '../cli/duration.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'
import {addFilterOptions, type DeadLetterFilter, readFilter} from './dead-letter-filter.ts'

export type ReplayOptions = {
  readonly environment: string
  /** Letters by id; none: those that the filter matches. */
  readonly ids: readonly string[]
  readonly filter: DeadLetterFilter
  readonly limit: number | undefined
  /** Undefined: as it is right for one letter, and for more. */
  readonly wait: boolean | undefined
  readonly timeoutSeconds: number
  readonly isForced: boolean
  readonly isConfirmed: boolean
  readonly json: boolean
  readonly dryRun: boolean
}

/** Parses the words after `npm run replay --`. @throws UsageError that says which word is wrong. */
export function parseReplayOptions(argv: readonly string[]): ReplayOptions | {help: string} {
  const command = addFilterOptions(
    new Command('npm run replay --')
      .description('Publishes dead letters to the topic they came from, as the same runs.')
      .argument('<env>', environmentNames.join(', '))
      .argument('[ids...]', 'dead letters by id, as `npm run dead-letters -- <env>` lists them')
      .option('--all', 'all letters, or all that the filters match')
      .addOption(new Option('--limit <n>', 'at most so many, the oldest first').argParser(parseLimit)),
  )
    .option('--force', 'although nobody knows whether the run was carried out, or it was replayed 5 times')
    .option('--wait', 'wait for the outcomes; the default for one letter')
    .option('--no-wait', 'return when the letters are published')
    .addOption(
      new Option('--timeout <time>', 'how long to wait: 90s, 15m').default(900, '15m').argParser(parseDuration),
    )
    .option('--yes', 'answer yes to the question that prod asks', false)
    .option('--json', 'print one JSON object on standard output and nothing else', false)
    .option('--dry-run', 'show what would be done, and do nothing', false)
    .addHelpText('after', `\n${exitCodeText}`)
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment = '', ...ids] = command.args
  const given = command.opts<
    DeadLetterFilter & {
      all?: true
      limit?: number
      force?: true
      wait?: boolean
      timeout: number
      yes: boolean
      json: boolean
      dryRun: boolean
    }
  >()
  const filter = readFilter(given)
  const isFiltered = Object.keys(filter).length > 0 || given.all === true || given.limit !== undefined
  if (ids.length > 0 && isFiltered) throw new UsageError('name letters by id, or by filters, not both')
  if (ids.length === 0 && given.all !== true && given.limit === undefined) {
    throw new UsageError('which dead letters? Name them by id, or add --all or --limit <n>, with filters if you like')
  }
  const {limit, wait, timeout, force = false, yes, json, dryRun} = given
  return {
    environment,
    ids: [...new Set(ids)],
    filter,
    limit,
    wait,
    timeoutSeconds: timeout,
    isForced: force,
    isConfirmed: yes,
    json,
    dryRun,
  }
}

const exitCodeText = `Exit codes: 0 all done (and, waited for, succeeded), 1 failed, 2 wrong usage or configuration, or not confirmed,
3 partly done, or degraded, 130 interrupted (what was not published yet is still listed).`

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 to 99999.')
  return Number(text)
}
