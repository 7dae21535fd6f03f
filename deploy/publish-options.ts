import {Command, CommanderError, InvalidArgumentError, Option} from 'commander'
import type {Job} from '../lib/job.ts'
import {findJob} from './catalogue.ts'
import {environmentNames} from './environments.ts'
import {describeArguments} from './job-arguments.ts'
import {UsageError} from './usage-error.ts'

export type PublishOptions = {
  readonly job: string
  readonly environment: string
  /** `key=value`, in the order given. */
  readonly args: readonly string[]
  readonly wait: boolean
  readonly timeoutSeconds: number
  readonly isConfirmed: boolean
  readonly json: boolean
  readonly dryRun: boolean
}

/** What the words on the command line ask for: a run, or to be told something. */
export type PublishRequest = {readonly options: PublishOptions} | {readonly help: string}

/**
 * Parses the words after `npm run publish --`.
 *
 * @throws UsageError that says which word is wrong.
 */
export function parsePublishOptions(argv: readonly string[], jobs: readonly Job[]): PublishRequest {
  const command = createCommand(jobs)
  if (argv.includes('--help') || argv.includes('-h')) return {help: helpFor(command, argv, jobs)}
  try {
    command.parse(argv, {from: 'user'})
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    throw new UsageError(`${error.message.replace(/^error: /, '')}\n\n${command.helpInformation()}`)
  }
  const [job = '', environment = ''] = command.args
  const {arg, wait, timeout, yes, json, dryRun} = command.opts<{
    arg: string[]
    wait: boolean
    timeout: number
    yes: boolean
    json: boolean
    dryRun: boolean
  }>()
  return {
    options: {job, environment, args: arg, wait, timeoutSeconds: timeout, isConfirmed: yes, json, dryRun},
  }
}

function createCommand(jobs: readonly Job[]): Command {
  return new Command('npm run publish --')
    .description('Publishes a job, waits for its outcome and exits with it.')
    .argument('<job>', 'name or shortcut, see below')
    .argument('<env>', environmentNames.join(', '))
    .option(
      '--arg <key=value>',
      'an argument of the job; may be repeated',
      (pair, pairs: string[]) => [...pairs, pair],
      [],
    )
    .option('--no-wait', 'return when the message is published')
    .addOption(
      new Option('--timeout <time>', 'how long to wait: 90s, 15m, 1h').default(900, '15m').argParser(parseSeconds),
    )
    .option('--yes', 'answer yes to the question that prod asks', false)
    .option('--json', 'print one JSON object on standard output and nothing else', false)
    .option('--dry-run', 'check everything and show what would be published', false)
    .helpOption('-h, --help', 'this text; with a job, its arguments too')
    .addHelpText('after', `\n${listJobs(jobs)}\n\n${exitCodeText}`)
    .allowExcessArguments(false)
    .configureOutput({writeOut: () => {}, writeErr: () => {}})
    .exitOverride()
}

const exitCodeText = `Exit codes: 0 succeeded or skipped, 1 failed, 2 wrong usage or configuration, 3 degraded (done, but
parts failed), 130 interrupted (the run goes on).`

function helpFor(command: Command, argv: readonly string[], jobs: readonly Job[]): string {
  const name = argv.find(word => !word.startsWith('-'))
  const written: string[] = []
  command.configureOutput({writeOut: text => void written.push(text)}).outputHelp()
  const help = written.join('')
  if (name === undefined) return help
  const job = findJob(jobs, name)
  return `${job.name}: ${job.summary}\n\n${describeArguments(job)}\n\n${help}`
}

function listJobs(jobs: readonly Job[]): string {
  const width = Math.max(...jobs.map(({name}) => name.length))
  const lines = jobs.map(({name, shortcuts, summary}) => {
    const names = shortcuts.filter(shortcut => shortcut !== name).join(', ')
    return `  ${name.padEnd(width)}  ${summary}${names === '' ? '' : ` (${names})`}`
  })
  return `Jobs:\n${lines.join('\n')}`
}

/** @throws InvalidArgumentError, which commander words as a message. */
export function parseSeconds(text: string): number {
  const match = /^(\d{1,6})(s|m|h)$/.exec(text)
  const unit = match?.[2] === 'h' ? 3_600 : match?.[2] === 'm' ? 60 : 1
  const seconds = Number(match?.[1]) * unit
  if (match === null || seconds < 1 || seconds > 86_400) {
    throw new InvalidArgumentError('write a number and s, m or h, at most a day: 90s, 15m, 1h.')
  }
  return seconds
}
