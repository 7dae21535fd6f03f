import {Command, InvalidArgumentError, Option} from '@commander-js/extra-typings'
import {isHttpsOrLoopback} from '../../lib/environment/environment.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'
import {confirmedOption, environmentArgument, jsonOption, timeoutOption} from '../environment/shared-options.ts'
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

export const defaultTimeoutSeconds = 3600

const help = `
Steps: migrate (Supabase), deploy (yours: the frontend and the API), bootstrap, org-sync-all.
Exit codes: 0 every step is green, 1 a step failed, 2 wrong usage or not confirmed, 3 a step is degraded (or a dry run could not check anything), 130 interrupted.
Where it stopped, the last lines say how to resume.`

/** Parses the words after `npm run release --`. @throws UsageError that says which word is wrong. */
export function parseReleaseOptions(argv: readonly string[]): ReleaseOptions | {help: string} {
  const command = new Command('npm run release --')
    .description('Runs the release jobs in order, waits for each, and stops at the first that is not green.')
    .addArgument(environmentArgument())
    .addOption(new Option('--from <step>', 'resume with this step').choices(stepNames).default('migrate' as const))
    .option('--continue', 'do not pause: the frontend and the API are deployed')
    .option('--api-health-url <url>', 'pause until this URL answers with success', parseUrl)
    .addOption(timeoutOption(defaultTimeoutSeconds, '1h', '15m, 1h (for each step)'))
    .option('--dry-run', 'say what each step would do; locally, run those jobs that have a dry run as one')
    .addOption(confirmedOption())
    .addOption(jsonOption())
    .addHelpText('after', help)
  const helpText = parseArgv(command, argv)
  if (helpText !== undefined) return {help: helpText}
  const {apiHealthUrl: url, ...given} = command.opts()
  if (given.continue === true && url !== undefined) {
    throw new UsageError('--continue does not pause, --api-health-url does: leave out one of them')
  }
  const [environment] = command.processedArgs
  return {
    environment,
    from: given.from,
    pause: url !== undefined ? {until: 'healthy', url} : given.continue ? {until: 'now'} : {until: 'enter'},
    timeoutSeconds: given.timeout,
    dryRun: given.dryRun ?? false,
    isConfirmed: given.yes ?? false,
    json: given.json ?? false,
  }
}

function parseUrl(text: string): string {
  if (isHttpsOrLoopback(text)) return text
  throw new InvalidArgumentError('write an https URL without a password (http only on this machine).')
}
