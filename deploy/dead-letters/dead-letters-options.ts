import {Command} from 'commander'
import {environmentNames} from '../catalogue/environments.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'
import {addFilterOptions, type DeadLetterFilter, readFilter} from './dead-letter-filter.ts'

export type DeadLettersOptions = {readonly environment: string; readonly json: boolean} & (
  | {readonly verb: 'list'; readonly filter: DeadLetterFilter}
  | {readonly verb: 'show'; readonly id: string}
  | {readonly verb: 'discard'; readonly ids: readonly string[]; readonly reason: string; readonly isConfirmed: boolean}
)

const examples = `
npm run dead-letters -- <env>                                 lists them; looking never consumes
npm run dead-letters -- <env> show <id>                       everything about one, and how to replay it
npm run dead-letters -- <env> discard <id...> --reason "..."  gives runs up, on record`

/** Parses the words after `npm run dead-letters --`. @throws UsageError that says which word is wrong. */
export function parseDeadLettersOptions(argv: readonly string[]): DeadLettersOptions | {help: string} {
  const command = addFilterOptions(
    new Command('npm run dead-letters --')
      .description('Messages that could not be carried out and were set aside, with the reason.')
      .argument('<env>', environmentNames.join(', '))
      .argument('[what]', 'show or discard; the list if absent')
      .argument('[ids...]', 'dead letters by id'),
  )
    .option('--reason <text>', 'why letters are discarded; stands in the history of their runs')
    .option('--yes', 'answer yes to the question that prod asks before letters are discarded', false)
    .option('--json', 'print one JSON object on standard output and nothing else', false)
    .addHelpText('after', examples)
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [environment = '', verb = 'list', ...ids] = command.args
  const {reason, yes, json, ...given} = command.opts<
    DeadLetterFilter & {reason?: string; yes: boolean; json: boolean}
  >()
  const filter = readFilter(given)
  const refuse = (what: string) => new UsageError(`${what}\n\n${command.helpInformation()}`)
  if (verb !== 'discard' && reason !== undefined) throw refuse('--reason goes with discard')
  if (verb !== 'list' && Object.keys(filter).length > 0) throw refuse(`${verb} takes ids, not filters`)
  if (verb === 'list' && ids.length === 0) return {environment, json, verb, filter}
  const [id] = ids
  if (verb === 'show' && id !== undefined && ids.length === 1) return {environment, json, verb, id}
  if (verb === 'show') throw refuse('show takes one id')
  if (verb !== 'discard') throw refuse(`"${verb}" is neither show nor discard`)
  if (id === undefined) throw refuse('discard which? Name dead letters by id')
  if (reason === undefined || reason.trim() === '') throw refuse('discard needs --reason "…"')
  return {environment, json, verb, ids: [...new Set(ids)], reason: reason.trim(), isConfirmed: yes}
}
