import {Command} from '@commander-js/extra-typings'
import type {Job} from '../../lib/job/job.ts'
import {findJob} from '../catalogue/catalogue.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {wrapLines} from '../cli/wrap-lines.ts'
import {confirmedOption, environmentArgument, jsonOption, timeoutOption} from '../environment/shared-options.ts'
import {describeArguments} from './job-arguments.ts'

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

/**
 * Parses the words after `npm run publish --`.
 *
 * @throws UsageError that says which word is wrong.
 */
export function parsePublishOptions(argv: readonly string[], jobs: readonly Job[]): PublishOptions | {help: string} {
  const command = createCommand(jobs)
    .argument('<job>', 'name or shortcut, see below')
    .addArgument(environmentArgument())
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help: helpFor(help, argv, jobs)}
  const [job, environment] = command.processedArgs
  const {arg = [], wait, timeout, yes = false, json = false, dryRun = false} = command.opts()
  return {job, environment, args: arg, wait, timeoutSeconds: timeout, isConfirmed: yes, json, dryRun}
}

function createCommand(jobs: readonly Job[]) {
  return new Command('npm run publish --')
    .description('Publishes a job, waits for its outcome and exits with it.')
    .option('--arg <key=value>', 'an argument of the job; may be repeated', (pair, pairs: string[] = []) => [
      ...pairs,
      pair,
    ])
    .option('--no-wait', 'return once the message is published')
    .addOption(timeoutOption(900, '15m', '90s, 15m, 1h'))
    .addOption(confirmedOption())
    .addOption(jsonOption())
    .option('--dry-run', 'check the arguments and show the message that would be published')
    .helpOption('-h, --help', 'this text; with a job, its arguments too')
    .addHelpText('after', `\n${listJobs(jobs)}\n\n${exitCodeText}`)
}

const exitCodeText = `Exit codes: 0 succeeded or skipped, 1 failed, or no outcome within --timeout (the run goes on), 2 wrong usage or configuration, 3 degraded (done, but parts failed), 130 interrupted (the run goes on).`

/** With a job among the words, its own arguments come first. */
function helpFor(help: string, argv: readonly string[], jobs: readonly Job[]): string {
  const words = argv.filter(word => word !== '--help' && word !== '-h')
  // The same options, and nothing required: what is left over are the job and the environment.
  const command = createCommand(jobs).argument('[words...]')
  parseArgv(command, words)
  const [name] = command.args
  if (name === undefined) return help
  const job = findJob(jobs, name)
  return `${wrapLines(`${job.name}: ${job.summary}\n\n${describeArguments(job)}`, 80)}\n\n${help}`
}

function listJobs(jobs: readonly Job[]): string {
  const width = Math.max(...jobs.map(({name}) => name.length))
  const lines = jobs.map(({name, shortcuts, summary}) => {
    const names = shortcuts.filter(shortcut => shortcut !== name).join(', ')
    return `  ${name.padEnd(width)}  ${summary}${names === '' ? '' : ` (${names})`}`
  })
  return `Jobs:\n${lines.join('\n')}`
}
