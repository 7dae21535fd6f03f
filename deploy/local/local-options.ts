import {Command} from '@commander-js/extra-typings'
import {parseArgv} from '../cli/parse-argv.ts'
import {quote} from '../cli/quote.ts'
import {UsageError} from '../cli/usage-error.ts'
import {faultHelp, toMilliseconds} from './control/fault-spec.ts'

export type LocalOptions = {
  readonly reset: boolean
  readonly env: Readonly<Record<string, string>>
  readonly schedule: boolean
  readonly now: readonly string[]
  /** As they were typed. */
  readonly fault: readonly string[]
  /** How many ACTIVE organizations there are at least. */
  readonly organizations?: number
  /** What each request to the admin API takes before its work begins. */
  readonly latency?: number
}

/** Parses the words after `npm run local --`. @throws UsageError that says which word is wrong. */
export function parseLocalOptions(argv: readonly string[]): LocalOptions | {help: string} {
  const command = new Command('npm run local --')
    .description('Keeps the sandbox up: Pub/Sub, the admin API, BigQuery, Supabase and all functions, on this machine.')
    .option('--reset', 'empty the sandbox and end')
    .option('--env <NAME=value>', 'a variable of the functions, for example DAYS_TO_KEEP=30; may be repeated', collect)
    .option('--schedule', 'fire the scheduled jobs by the clock (UTC)')
    .option('--now <job>', 'fire a job at once; may be repeated', append)
    .option('--fault <fault>', 'something that fails, for example alerts:500x3; may be repeated', append)
    .option('--organizations <number>', 'at least this many active organizations, up to 100000', parseCount)
    .option('--latency <time>', 'how long each request to the admin API takes, for example 200ms or 2s', parseTime)
    .addHelpText('after', `\n${faultHelp}\n`)
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  rejectMoreThanReset(argv)
  const {reset = false, schedule = false, env = {}, now = [], fault = [], ...options} = command.opts()
  return {...options, reset, schedule, env, now, fault}
}

/** @throws UsageError rather than dropping what was asked for beside `--reset`. */
function rejectMoreThanReset(argv: readonly string[]): void {
  const more = argv.filter(word => word !== '--reset')
  if (more.length === argv.length || more.length === 0) return
  const named = more.filter(word => word.startsWith('--')).map(word => word.replace(/=.*/, ''))
  throw new UsageError(
    `--reset empties the sandbox and ends, so ${named.join(', ')} would do nothing: npm run local -- --reset, then: npm run local -- ${more.map(quote).join(' ')}`,
  )
}

function append(word: string, words: readonly string[] = []): string[] {
  return [...words, word]
}

function collect(pair: string, known: Record<string, string> = {}): Record<string, string> {
  const at = pair.indexOf('=')
  if (at < 1) throw new UsageError(`--env ${JSON.stringify(pair)} has no value: write --env NAME=value`)
  return {...known, [pair.slice(0, at)]: pair.slice(at + 1)}
}

function parseCount(text: string): number {
  const count = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= 100_000) return count
  throw new UsageError(`--organizations ${JSON.stringify(text)}: a number from 1 to 100000`)
}

function parseTime(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? []
  if (amount !== undefined) return toMilliseconds(amount, unit)
  throw new UsageError(`--latency ${JSON.stringify(text)}: a time such as 200ms or 2s`)
}
