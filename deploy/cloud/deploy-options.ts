import {Command} from '@commander-js/extra-typings'
import type {Job} from '../../lib/job/job.ts'
import {findJob} from '../catalogue/catalogue.ts'
import {isEnvironmentName} from '../catalogue/environments.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'

export type DeployOptions = {
  readonly environment: string
  /** The jobs that were named; undefined: all, and monitoring. */
  readonly only: readonly Job[] | undefined
  readonly planOnly: boolean
  readonly isConfirmed: boolean
  readonly removeLegacy: boolean
  /** Where the root key may go, typed as a flag. */
  readonly apiHost: string | undefined
  readonly json: boolean
}

const help = `
Exit codes: 0 everything is as declared (or, with --plan, the plan was made), 1 nothing could be done, 2 wrong usage or not confirmed, 3 done in part: something failed or is missing, 130 interrupted. Run again, it resumes where it stopped.

Variables: ALERT_EMAIL and ALERT_SLACK (a channel that is connected in Monitoring: #ops) get the alerts, SUPABASE_MIGRATIONS_DIR is the folder of the migrations, whose *.sql files travel with supabase-migrate (without it that function is not deployed, the others are), DAYS_TO_KEEP how long quota records are kept, API_SERVICE_URL the admin API (https; unset: what is deployed stays).`

/** Parses the arguments of `npm run deploy --`. @throws UsageError that says which one is wrong. */
export function parseDeployOptions(argv: readonly string[], jobs: readonly Job[]): DeployOptions | {help: string} {
  const command = new Command('npm run deploy --')
    .description('Deploys what functions/ declares to Google Cloud: shows the plan, asks, then applies it.')
    .argument('<env>', 'test, stage or prod')
    .option('--only <job...>', 'only what these jobs need', (name, names: string[] | undefined) => {
      if (isEnvironmentName(name)) {
        const meant = [
          name,
          '--only',
          ...(names ?? []),
          ...argv.filter(word => word.startsWith('--') && word !== '--only'),
        ]
        throw new UsageError(`${name} is an environment, which comes first: npm run deploy -- ${meant.join(' ')}`)
      }
      return [...(names ?? []), findJob(jobs, name).name]
    })
    .option('--api-host <host>', 'confirm that the root key may go to this host (API_SERVICE_URL)')
    .option('--plan', 'only show what would be done')
    .option('--yes', 'do not ask')
    .option('--remove-legacy', 'also remove the Cloud Run jobs and triggers that this service replaces')
    .option('--json', 'print one JSON object to standard output and nothing else')
    .addHelpText('after', help)
  const helpText = parseArgv(command, argv)
  if (helpText !== undefined) return {help: helpText}
  const {only, plan = false, yes = false, removeLegacy = false, apiHost, json = false} = command.opts()
  if (removeLegacy && only !== undefined)
    throw new UsageError('--remove-legacy is about the whole project: leave out --only')
  const [environment] = command.processedArgs
  return {
    environment,
    only: only === undefined ? undefined : jobs.filter(({name}) => only.includes(name)),
    apiHost: apiHost?.toLowerCase(),
    planOnly: plan,
    isConfirmed: yes,
    removeLegacy,
    json,
  }
}
