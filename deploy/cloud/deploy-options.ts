import {Command} from 'commander'
import type {Job} from '../../lib/job/job.ts'
import {findJob} from '../catalogue/catalogue.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {UsageError} from '../cli/usage-error.ts'

export type DeployOptions = {
  readonly environment: string
  /** Undefined: all jobs, and what watches over them. */
  readonly only: readonly Job[] | undefined
  readonly planOnly: boolean
  readonly isConfirmed: boolean
  readonly removeLegacy: boolean
  readonly json: boolean
}

const help = `
Exit codes: 0 everything is as declared (or, with --plan, the plan was made), 1 nothing could be done, 2 wrong usage or
not confirmed, 3 done in part: something failed or is missing, 130 interrupted. Run again, it goes on where it got to.

ALERT_EMAIL and ALERT_SLACK (a channel that is connected in Monitoring: #ops) say whom alerts tell,
SUPABASE_MIGRATIONS_DIR names the folder of the migrations, whose *.sql files travel with supabase-migrate (without it
that function is not deployed, the others are), DAYS_TO_KEEP how long quota records are kept.`

/** Parses the words after `npm run deploy --`. @throws UsageError that says which word is wrong. */
export function parseDeployOptions(argv: readonly string[], jobs: readonly Job[]): DeployOptions | {help: string} {
  const command = new Command('npm run deploy --')
    .description('Makes Google Cloud what functions/ declares: shows the plan, asks, then applies it.')
    .argument('<env>', 'test, stage or prod')
    .option('--only <job...>', 'only what these jobs need', (name, names: string[] | undefined) => [
      ...(names ?? []),
      findJob(jobs, name).name,
    ])
    .option('--plan', 'only show what would be done', false)
    .option('--yes', 'do not ask', false)
    .option('--remove-legacy', 'also remove the Cloud Run jobs and triggers that this service replaces', false)
    .option('--json', 'print one JSON object on standard output and nothing else', false)
    .addHelpText('after', help)
  const helpText = parseArgv(command, argv)
  if (helpText !== undefined) return {help: helpText}
  const {only, plan, yes, removeLegacy, json} = command.opts<{
    only?: string[]
    plan: boolean
    yes: boolean
    removeLegacy: boolean
    json: boolean
  }>()
  if (removeLegacy && only !== undefined) throw new UsageError('--remove-legacy looks at everything: leave out --only')
  const [environment = ''] = command.args
  return {
    environment,
    only: only === undefined ? undefined : jobs.filter(({name}) => only.includes(name)),
    planOnly: plan,
    isConfirmed: yes,
    removeLegacy,
    json,
  }
}
