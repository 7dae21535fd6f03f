import {setTimeout as sleep} from 'node:timers/promises'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {currentVersion} from '../../lib/environment/version.ts'
import type {Job} from '../../lib/job/job.ts'
import {createRunLedger, type RunLedger} from '../../lib/ledger/run-ledger.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {describeFailure} from '../cli/command.ts'
import {noCredentials} from '../cli/no-credentials.ts'
import {readActiveAccount} from '../cloud/check-login.ts'
import {parseDeploySettings} from '../cloud/deploy-settings.ts'
import {planDeployment} from '../cloud/deployment.ts'
import type {Gcloud} from '../cloud/gcloud/gcloud.ts'
import {createLedgerTables} from '../cloud/resources/ledger-tables.ts'
import type {Schedules} from '../schedules/schedules.ts'
import type {Check, CheckResult} from './check-result.ts'
import {deployedApiCheck} from './deployed-api.ts'
import {missedSlotsCheck} from './missed-slots-check.ts'
import {resultsOf} from './plan-results.ts'

/** Everything that a run needs in Google Cloud. What must be there is the manifest of `deploy`, and nothing else. */
export function cloudChecks(options: {
  readonly target: TargetEnvironment
  readonly jobs: readonly Job[]
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly gcloud: Gcloud
  readonly schedules: Schedules
  /** Without credentials each question would take its whole time limit. @throws where there are none */
  readonly checkCredentials: () => Promise<void>
}): readonly Check[] {
  const {target, jobs, variables, gcloud, schedules} = options
  const {projectId, name} = target
  // What a deployment would set is compared with what is set, but for the API: the functions decide which one.
  const {API_SERVICE_URL: _, ...others} = variables
  const {channels, variablesOf, bigQueryUrl} = parseDeploySettings(others)
  const bigQuery = createBigQuery({projectId, url: bigQueryUrl})
  let checking: Promise<unknown> | undefined
  const findTrouble = () => {
    // An emulator asks for none.
    checking ??= (bigQueryUrl === undefined ? options.checkCredentials() : Promise.resolve()).then(
      () => undefined,
      (error: unknown) => error,
    )
    return checking
  }
  const withCredentials = ({what, look}: Check): Check => ({
    what,
    look: async signal =>
      (await findTrouble()) === undefined
        ? look(signal)
        : [{what, state: 'unknown', detail: 'not checked: it needs the credentials'}],
  })
  const ledger = createRunLedger(bigQuery)
  return [
    {what: 'gcloud', look: async () => [await checkAccount(gcloud)]},
    {what: 'credentials', look: async () => [await checkGcloudLogin(findTrouble, ledger)]},
    withCredentials({
      what: `project ${projectId}`,
      async look(signal) {
        const plan = await planDeployment({
          jobs,
          target,
          version: currentVersion(),
          // Which bundle runs is `deploy`'s to compare.
          staged: new Map(),
          variablesOf,
          channels,
          removeLegacy: false,
          gcloud,
          ledger: createLedgerTables(bigQuery),
          now: () => new Date(),
          wait: async milliseconds => void (await sleep(milliseconds, undefined, {signal})),
          random: Math.random,
        })
        return resultsOf(plan, name)
      },
    }),
    {what: 'paused schedules', look: () => checkSchedules(schedules, name)},
    withCredentials(missedSlotsCheck({jobs, ledger, schedules, env: name, now: () => new Date()})),
    deployedApiCheck(options),
  ]
}

async function checkAccount(gcloud: Gcloud): Promise<CheckResult> {
  const what = 'gcloud'
  try {
    const account = await readActiveAccount(gcloud)
    if (account !== undefined) return {what, state: 'ok', detail: `as ${toPrintableLine(account, 100)}`}
    return {what, state: 'wrong', detail: 'gcloud has no credentials', fix: 'gcloud auth login'}
  } catch (error) {
    return {what, state: 'wrong', detail: toPrintableLine(toMessageText(error), 300)}
  }
}

/** The client libraries' own login, which is another than gcloud's. */
async function checkGcloudLogin(
  findTrouble: () => Promise<unknown>,
  ledger: Pick<RunLedger, 'since'>,
): Promise<CheckResult> {
  const what = 'credentials'
  try {
    const trouble = await findTrouble()
    if (trouble !== undefined) throw trouble
    await ledger.since(new Date())
    return {what, state: 'ok', detail: 'the run ledger answers'}
  } catch (error) {
    const detail = toPrintableLine(describeFailure(error), 300)
    if (detail !== noCredentials.text) return {what, state: 'wrong', detail}
    return {what, state: 'wrong', detail: noCredentials.reason, fix: noCredentials.login}
  }
}

export async function checkSchedules(schedules: Schedules, env: string): Promise<readonly CheckResult[]> {
  const what = 'paused schedules'
  const states = [...(await schedules.states())]
  const named = (state: string) => states.flatMap(([job, found]) => (found === state ? [job] : []))
  const broken = named('unknown').map(
    (job): CheckResult => ({
      what: 'schedules',
      state: 'wrong',
      detail: `${job} is out of order`,
      fix: `npm run deploy -- ${env}`,
    }),
  )
  const paused = named('paused')
  if (paused.length === 0) return [...broken, {what, state: 'ok', detail: 'none'}]
  return [
    ...broken,
    ...paused.map((job): CheckResult => ({what, state: 'notice', detail: job, fix: `npm run resume -- ${env} ${job}`})),
  ]
}
