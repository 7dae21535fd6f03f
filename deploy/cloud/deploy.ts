import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {currentVersion} from '../../lib/environment/version.ts'
import {plural} from '../../lib/log/plural.ts'
import {describeSet, readMigrationFolder} from '../../lib/migrations/migration-folder.ts'
import {createBundler} from '../bundle/bundle.ts'
import {loadCatalogue, projectRoot} from '../catalogue/catalogue.ts'
import {parseEnvironmentName} from '../catalogue/environments.ts'
import {withRouter} from '../catalogue/subscriptions.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {tickWhile} from '../cli/ticking-line.ts'
import {UsageError} from '../cli/usage-error.ts'
import {newApiHost} from './api-host.ts'
import {checkLogin} from './check-login.ts'
import {confirmDeployment} from './confirm-deployment.ts'
import {parseDeployOptions} from './deploy-options.ts'
import {createDeployProgress} from './deploy-progress.ts'
import {parseDeploySettings} from './deploy-settings.ts'
import {applyPlan, type DeploymentOptions, exitCodeFor, planDeployment} from './deployment.ts'
import {createGcloud, type Gcloud} from './gcloud/gcloud.ts'
import {formatEnd} from './plan/deploy-report.ts'
import {formatPlan, planToJson} from './plan/plan-text.ts'
import {createLedgerTables} from './resources/ledger-tables.ts'

const migrateJob = 'supabase-migrate'
const noMigrations =
  'set SUPABASE_MIGRATIONS_DIR to the folder of your *.sql files (CloudAct: 01-fronted-system/scripts/supabase_db)'

/** `npm run deploy`: shows what differs between the declarations and the project, and applies it. */
export async function runDeploy(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const {stdout, stderr, env} = io
  const jobs = await loadCatalogue()
  const options = parseDeployOptions(argv, jobs)
  if ('help' in options) {
    stdout(options.help)
    return exitCodes.done
  }
  const {json} = options
  const only = options.only && withRouter(options.only, jobs)
  const deployed = only ?? jobs
  const target = parseEnvironmentName(options.environment, env)
  if (target.name === 'local') throw new UsageError('local needs no deployment: npm run local')
  const {channels, migrationsFolder, variablesOf, bigQueryUrl} = parseDeploySettings(env)
  const {projectId} = target
  const place = `${target.name} (${projectId})`
  const asked = countAnswers(createGcloud({env, projectId, signal}))
  const {gcloud} = asked
  const progress = json ? () => {} : stderr
  const withheld = new Map(
    deployed
      .filter(({name}) => name === migrateJob && migrationsFolder === undefined)
      .map(({functionName}) => [functionName, noMigrations]),
  )
  if (withheld.size > 0 && options.only?.length === 1) {
    throw new UsageError(`${migrateJob} is not deployed: ${noMigrations}`)
  }
  const migrations =
    migrationsFolder !== undefined && deployed.some(({name}) => name === migrateJob)
      ? await readMigrationFolder(migrationsFolder)
      : undefined
  const whileDoing = <T>(state: string, work: () => Promise<T>, detail?: () => string): Promise<T> =>
    json ? work() : tickWhile(io.terminal, () => ({state, ...(detail && {detail: detail()})}), work)
  await whileDoing('asking gcloud who is logged in', () => checkLogin(gcloud, env))

  for (const {name} of deployed) {
    if (options.only?.every(job => job.name !== name))
      progress(`${name} comes along: it routes what has an unknown name`)
  }
  const bundler = await createBundler()
  const bundles = await whileDoing(`bundling ${plural(deployed.length, 'function')}`, () =>
    Promise.all(
      deployed
        .filter(({functionName}) => !withheld.has(functionName))
        .map(job => bundler.bundle(job, join(projectRoot, 'dist'), {migrationsFolder})),
    ),
  ).finally(bundler.close)
  const deployment: DeploymentOptions = {
    jobs,
    ...(only === undefined ? {} : {only}),
    target,
    version: currentVersion(),
    staged: new Map(bundles.map(bundle => [bundle.functionName, bundle])),
    withheld,
    variablesOf,
    channels,
    removeLegacy: options.removeLegacy,
    gcloud,
    ledger: createLedgerTables(createBigQuery({projectId, url: bigQueryUrl})),
    wait: async milliseconds => void (await sleep(milliseconds, undefined, {signal})),
    random: Math.random,
    now: () => new Date(),
  }
  const facts = {
    environment: target.name,
    projectId,
    migrations:
      migrations === undefined
        ? null
        : {folder: migrations.folder, files: migrations.files.length, hash: migrations.hash},
  }
  const before = asked.answers()
  const plan = await whileDoing(
    `reading what is in ${place}`,
    () => planDeployment(deployment),
    () => `: ${plural(asked.answers() - before, 'answer')} so far`,
  )
  if (!json && migrations !== undefined) stdout(`Migrations: ${describeSet(migrations)}`)
  if (!json) stdout(formatPlan(plan))
  if (options.planOnly || plan.steps.length === 0) {
    if (json) stdout(JSON.stringify({...facts, plan: planToJson(plan)}))
    return options.planOnly ? exitCodes.done : exitCodeFor(plan, [], false)
  }
  const newHost = newApiHost(plan, projectId)
  if (!(await confirmDeployment(options, {io, signal, place, newHost}))) {
    stderr('Nothing was changed.')
    return exitCodes.usage
  }

  const {onChange, onWait, clear} = createDeployProgress(io)
  const results = await applyPlan(plan, {...deployment, signal, ...(json ? {onChange() {}} : {onChange, onWait})})
  clear()
  const command = `npm run deploy -- ${argv.join(' ')}`
  stdout(json ? JSON.stringify({...facts, plan: planToJson(plan), results}) : formatEnd(plan, results, command))
  return exitCodeFor(plan, results, signal.aborted)
}

/** A gcloud that counts what it has answered. */
function countAnswers(gcloud: Gcloud): {readonly gcloud: Gcloud; readonly answers: () => number} {
  let answers = 0
  return {
    answers: () => answers,
    gcloud: async args => {
      const answer = await gcloud(args)
      answers += 1
      return answer
    },
  }
}
