import {Command} from '@commander-js/extra-typings'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'
import {confirmedOption, environmentArgument, jsonOption} from '../environment/shared-options.ts'
import {type DeadLetterFilter, filterOptions, readFilter} from './dead-letter-filter.ts'

export type DeadLettersOptions = {readonly environment: string; readonly json: boolean} & (
  | {readonly verb: 'list'; readonly filter: DeadLetterFilter}
  | {readonly verb: 'show'; readonly id: string}
  | {
      readonly verb: 'discard'
      /** By id; none: those that the filter matches. */
      readonly ids: readonly string[]
      readonly filter: DeadLetterFilter
      readonly limit: number | undefined
      readonly reason: string
      /** Also those that only the run ledger has. */
      readonly isAbsentToo: boolean
      readonly isConfirmed: boolean
      readonly dryRun: boolean
    }
)

const examples = `
npm run dead-letters -- <env>                                 lists them; reading never consumes
npm run dead-letters -- <env> show <id>                       everything about one, and how to replay it
npm run dead-letters -- <env> discard <id...> --reason "..."  gives runs up, on record
npm run dead-letters -- <env> discard --all --kind unreadable --reason "..." --dry-run`

/** Parses the words after `npm run dead-letters --`. @throws UsageError that says which word is wrong. */
export function parseDeadLettersOptions(argv: readonly string[]): DeadLettersOptions | {help: string} {
  const command = new Command('npm run dead-letters --')
    .description('Messages that could not be executed, with the reason.')
    .addArgument(environmentArgument())
    .argument('[what]', 'show or discard; the list if absent')
    .argument('[ids...]', 'dead letters by id')
    .addOption(filterOptions.job())
    .addOption(filterOptions.run())
    .addOption(filterOptions.kind())
    .addOption(filterOptions.since())
    .option('--reason <text>', 'why they are discarded; stands in the history of their runs')
    .option('--all', 'discard all, or all that the filters match')
    .addOption(filterOptions.limit())
    .option('--absent', 'discard those too that were taken out of Pub/Sub by hand: no other command works on them')
    .option('--dry-run', 'show what would be discarded, and do nothing')
    .addOption(confirmedOption())
    .addOption(jsonOption())
    .addHelpText('after', examples)
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment, verb = 'list', ids] = command.processedArgs
  const {
    reason,
    yes = false,
    json = false,
    dryRun = false,
    all = false,
    absent = false,
    limit,
    ...given
  } = command.opts()
  const filter = readFilter(given)
  const isFiltered = Object.keys(filter).length > 0
  if (verb !== 'discard') {
    if (reason !== undefined) throw new UsageError('--reason goes with discard')
    if (dryRun || all || absent || limit !== undefined) {
      throw new UsageError('--all, --limit, --absent and --dry-run go with discard')
    }
  }
  if (verb === 'list' && ids.length === 0) return {environment, json, verb, filter}
  const [id] = ids
  if (verb === 'show') {
    if (isFiltered) throw new UsageError('show takes an id, not filters')
    if (id === undefined || ids.length > 1) throw new UsageError('show takes one id')
    return {environment, json, verb, id}
  }
  if (verb !== 'discard') throw new UsageError(`"${verb}" is neither show nor discard`)
  if (ids.length > 0 && (isFiltered || all || limit !== undefined)) {
    throw new UsageError('name dead letters by id, or by filters, not both')
  }
  if (ids.length === 0 && !all && limit === undefined) {
    throw new UsageError(
      'discard which? Name dead letters by id, or add --all or --limit <n>, with filters if you like',
    )
  }
  if (reason === undefined || reason.trim() === '') throw new UsageError('discard needs --reason "…"')
  const rest = {filter, limit, reason: reason.trim(), isAbsentToo: absent, isConfirmed: yes, dryRun}
  return {environment, json, verb, ids: [...new Set(ids)], ...rest}
}
