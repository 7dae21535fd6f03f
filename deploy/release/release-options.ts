import {Command, InvalidArgumentError, Option} from 'commander'
import {isHttpsOrLoopback} from '../../lib/environment/environment.ts'
import {environmentNames} from '../catalogue/environments.ts'
import {parseDuration} from '../cli/duration.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'
import {type StepName, stepNames} from './release-step.ts'

export type ReleaseOptions = {
  readonly environment: string
  readonly from: StepName
  /** What ends the pause in which people deploy. */
  readonly pause:
    | {readonly until: 'enter'}
    | {readonly until: 'now'}
    | {readonly until: 'healthy'; readonly url: string}
  /** For each run, and for the API to answer. */
  readonly timeoutSeconds: number
  readonly dryRun: boolean
  readonly isConfirmed: boolean
  readonly json: boolean
}

const help = `
Steps: migrate (Supabase), deploy (yours: the frontend and the API), bootstrap, org-sync-all.
Exit codes: 0 every step is green, 1 a step failed, 2 wrong usage or not confirmed, 3 a step is degraded, 130 interrupted.
Where it stopped, the last lines say how to go on.`

/** Parses the words after `npm run release --`. @throws UsageError that says which word is wrong. */
export function parseReleaseOptions(argv: readonly string[]): ReleaseOptions | {help: string} {
  const command = new Command('npm run release --')
    .description('Runs the release jobs in their order, waits for each, and stops at the first that is not green.')
    .argument('<env>', environmentNames.join(', '))
    .addOption(new Option('--from <step>', 'go on with this step').choices(stepNames).default('migrate'))
    .option('--continue', 'do not pause: the frontend and the API are deployed', false)
    .option('--api-health-url <url>', 'pause until this URL answers with success', parseUrl)
    .addOption(
      new Option('--timeout <time>', 'how long to wait for each step: 15m, 1h')
        .default(3600, '1h')
        .argParser(parseDuration),
    )
    .option('--dry-run', 'run those jobs that have a dry run as one, and only show the others', false)
    .option('--yes', 'answer yes to the question that prod asks', false)
    .option('--json', 'print one JSON object on standard output and nothing else', false)
    .addHelpText('after', help)
  const helpText = parseArgv(command, argv)
  if (helpText !== undefined) return {help: helpText}
  const given = command.opts<{
    from: StepName
    continue: boolean
    apiHealthUrl?: string
    timeout: number
    dryRun: boolean
    yes: boolean
    json: boolean
  }>()
  const {apiHealthUrl: url} = given
  if (given.continue && url !== undefined) {
    throw new UsageError('--continue does not pause, --api-health-url does: leave out one of them')
  }
  const [environment = ''] = command.args
  return {
    environment,
    from: given.from,
    pause: url !== undefined ? {until: 'healthy', url} : given.continue ? {until: 'now'} : {until: 'enter'},
    timeoutSeconds: given.timeout,
    dryRun: given.dryRun,
    isConfirmed: given.yes,
    json: given.json,
  }
}

function parseUrl(text: string): string {
  if (isHttpsOrLoopback(text)) return text
  throw new InvalidArgumentError('write an https URL without a password (http only on this machine).')
}
