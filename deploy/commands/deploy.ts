import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {createBigQuery} from '../../lib/bigquery-client.ts'
import {version} from '../../lib/version.ts'
import {bundleFunction} from '../bundle.ts'
import {loadCatalogue, projectRoot} from '../catalogue.ts'
import {parseDeployOptions} from '../cloud/deploy-options.ts'
import {formatEnd, formatResult} from '../cloud/deploy-report.ts'
import {parseDeploySettings} from '../cloud/deploy-settings.ts'
import {carryOutPlan, type DeploymentOptions, exitCodeFor, planDeployment} from '../cloud/deployment.ts'
import {createGcloud} from '../cloud/gcloud.ts'
import {createLedgerTables} from '../cloud/ledger-tables.ts'
import {formatPlan, planToJson} from '../cloud/plan-text.ts'
import {toShortId} from '../cloud/short-id.ts'
import {runCommand} from '../command.ts'
import {confirm} from '../confirm.ts'
import {parseEnvironmentName} from '../environments.ts'
import {exitCodes} from '../exit-codes.ts'
import {createLiveLine} from '../live-line.ts'
import {UsageError} from '../usage-error.ts'

/** Standard output is for the result; everything on the way goes to standard error. */
const print = (text: string) => void process.stdout.write(`${text}\n`)
const tell = (text: string) => void process.stderr.write(`${text}\n`)

await runCommand(async (argv, signal) => {
  const jobs = await loadCatalogue()
  const options = parseDeployOptions(argv, jobs)
  if ('help' in options) {
    print(options.help)
    return exitCodes.done
  }
  const {only, json} = options
  const target = parseEnvironmentName(options.environment, process.env)
  if (target.name === 'local') throw new UsageError('local needs no deployment: npm run local')
  const {channels, migrationsFolder, variablesOf, bigQueryUrl} = parseDeploySettings(process.env)
  const {projectId} = target

  const bundles = await Promise.all(
    (only ?? jobs).map(job => bundleFunction(job, join(projectRoot, 'dist'), {migrationsFolder})),
  )
  const deployment: DeploymentOptions = {
    jobs,
    ...(only === undefined ? {} : {only}),
    target,
    version,
    staged: new Map(bundles.map(bundle => [bundle.functionName, bundle])),
    variablesOf,
    channels,
    removeLegacy: options.removeLegacy,
    gcloud: createGcloud({env: process.env, projectId, signal}),
    ledger: createLedgerTables(createBigQuery({projectId, url: bigQueryUrl})),
    wait: async milliseconds => void (await sleep(milliseconds, undefined, {signal})),
    random: Math.random,
  }
  if (!json) tell(`Reading what is in ${target.name} (${projectId})…`)
  const plan = await planDeployment(deployment)
  if (!json) print(formatPlan(plan))
  if (options.planOnly || plan.steps.length === 0) {
    if (json) print(JSON.stringify({environment: target.name, projectId, plan: planToJson(plan)}))
    return options.planOnly ? exitCodes.done : exitCodeFor(plan, [], false)
  }
  if (!options.isConfirmed) {
    const {stdin, stderr} = process
    const question = `Do this in ${target.name} (${projectId})?`
    if (!(await confirm(question, {input: stdin, output: stderr, isTerminal: stdin.isTTY === true, signal}))) {
      tell('Nothing was changed.')
      return exitCodes.usage
    }
  }

  const live = createLiveLine(process.stderr)
  let told = 0
  const results = await carryOutPlan(plan, {
    ...deployment,
    signal,
    now: () => new Date(),
    onChange(finished, running) {
      if (json) return
      live.clear()
      for (const result of finished.slice(told)) if (result.state !== 'not tried') tell(formatResult(result))
      told = finished.length
      if (process.stderr.isTTY && running.length > 0) live.show(`… ${running.map(toShortId).join(', ')}`)
    },
  })
  live.clear()
  const command = `npm run deploy -- ${argv.join(' ')}`
  print(
    json
      ? JSON.stringify({environment: target.name, projectId, plan: planToJson(plan), results})
      : formatEnd(plan, results, command),
  )
  return exitCodeFor(plan, results, signal.aborted)
})
