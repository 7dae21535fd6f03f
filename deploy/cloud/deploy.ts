import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {version} from '../../lib/environment/version.ts'
import {describeSet} from '../../lib/migrations/migration-folder.ts'
import {bundleFunction} from '../bundle/bundle.ts'
import {loadCatalogue, projectRoot} from '../catalogue/catalogue.ts'
import {parseEnvironmentName} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {confirm} from '../cli/confirm.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {createLiveLine} from '../cli/live-line.ts'
import {UsageError} from '../cli/usage-error.ts'
import {parseDeployOptions} from './deploy-options.ts'
import {parseDeploySettings} from './deploy-settings.ts'
import {applyPlan, type DeploymentOptions, exitCodeFor, planDeployment} from './deployment.ts'
import {createGcloud} from './gcloud/gcloud.ts'
import {formatEnd, formatResult} from './plan/deploy-report.ts'
import {formatPlan, planToJson} from './plan/plan-text.ts'
import {createLedgerTables} from './resources/ledger-tables.ts'
import {toShortId} from './resources/short-id.ts'

const migrateJob = 'supabase-migrate'
const noMigrations =
  'set SUPABASE_MIGRATIONS_DIR to the folder of your *.sql files (CloudAct: 01-fronted-system/scripts/supabase_db)'

/** `npm run deploy`: shows what differs between the declarations and the project, and applies it. */
export async function runDeploy(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const {stdout, stderr, env, stdin, terminal} = io
  const jobs = await loadCatalogue()
  const options = parseDeployOptions(argv, jobs)
  if ('help' in options) {
    stdout(options.help)
    return exitCodes.done
  }
  const {only, json} = options
  const target = parseEnvironmentName(options.environment, env)
  if (target.name === 'local') throw new UsageError('local needs no deployment: npm run local')
  const {channels, migrationsFolder, variablesOf, bigQueryUrl} = parseDeploySettings(env)
  const {projectId} = target

  const withheld = new Map(
    (only ?? jobs)
      .filter(({name}) => name === migrateJob && migrationsFolder === undefined)
      .map(({functionName}) => [functionName, noMigrations]),
  )
  if (withheld.size > 0 && only?.length === 1) throw new UsageError(`${migrateJob} is not deployed: ${noMigrations}`)
  const bundles = await Promise.all(
    (only ?? jobs)
      .filter(({functionName}) => !withheld.has(functionName))
      .map(job => bundleFunction(job, join(projectRoot, 'dist'), {migrationsFolder})),
  )
  const migrations = bundles.find(bundle => bundle.migrations !== undefined)?.migrations
  const deployment: DeploymentOptions = {
    jobs,
    ...(only === undefined ? {} : {only}),
    target,
    version,
    staged: new Map(bundles.map(bundle => [bundle.functionName, bundle])),
    withheld,
    variablesOf,
    channels,
    removeLegacy: options.removeLegacy,
    gcloud: createGcloud({env, projectId, signal}),
    ledger: createLedgerTables(createBigQuery({projectId, url: bigQueryUrl})),
    wait: async milliseconds => void (await sleep(milliseconds, undefined, {signal})),
    random: Math.random,
  }
  const facts = {
    environment: target.name,
    projectId,
    migrations:
      migrations === undefined
        ? null
        : {folder: migrations.folder, files: migrations.files.length, hash: migrations.hash},
  }
  if (!json) stderr(`Reading what is in ${target.name} (${projectId})…`)
  const plan = await planDeployment(deployment)
  if (!json && migrations !== undefined) stdout(`Migrations: ${describeSet(migrations)}`)
  if (!json) stdout(formatPlan(plan))
  if (options.planOnly || plan.steps.length === 0) {
    if (json) stdout(JSON.stringify({...facts, plan: planToJson(plan)}))
    return options.planOnly ? exitCodes.done : exitCodeFor(plan, [], false)
  }
  if (!options.isConfirmed) {
    const question = `Do this in ${target.name} (${projectId})?`
    if (!(await confirm(question, {input: stdin, output: terminal, isTerminal: stdin.isTTY === true, signal}))) {
      stderr('Nothing was changed.')
      return exitCodes.usage
    }
  }

  const live = createLiveLine(terminal)
  let told = 0
  const results = await applyPlan(plan, {
    ...deployment,
    signal,
    now: () => new Date(),
    onChange(finished, running) {
      if (json) return
      live.clear()
      for (const result of finished.slice(told)) if (result.state !== 'not tried') stderr(formatResult(result))
      told = finished.length
      if (terminal.isTTY && running.length > 0) live.show(`… ${running.map(toShortId).join(', ')}`)
    },
  })
  live.clear()
  const command = `npm run deploy -- ${argv.join(' ')}`
  stdout(json ? JSON.stringify({...facts, plan: planToJson(plan), results}) : formatEnd(plan, results, command))
  return exitCodeFor(plan, results, signal.aborted)
}
