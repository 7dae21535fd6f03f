import {setTimeout as sleep} from 'node:timers/promises'
import * as z from 'zod'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {version} from '../../lib/environment/version.ts'
import type {Job} from '../../lib/job/job.ts'
import {createRunLedger} from '../../lib/ledger/run-ledger.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {describeFailure} from '../cli/command.ts'
import {parseDeploySettings} from '../cloud/deploy-settings.ts'
import {planDeployment} from '../cloud/deployment.ts'
import type {Gcloud} from '../cloud/gcloud/gcloud.ts'
import {readJson} from '../cloud/gcloud/read-json.ts'
import {createLedgerTables} from '../cloud/resources/ledger-tables.ts'
import type {Triggers} from '../schedules/schedules.ts'
import {apiChecks} from './api-checks.ts'
import type {Check, Finding} from './finding.ts'
import {findingsOf} from './plan-findings.ts'

const accountsSchema = z.array(z.object({account: z.string()}))

/** Everything that a run needs in Google Cloud. What must be there is the manifest of `deploy`, and nothing else. */
export function cloudChecks(options: {
  readonly target: TargetEnvironment
  readonly jobs: readonly Job[]
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly gcloud: Gcloud
  readonly triggers: Triggers
}): readonly Check[] {
  const {target, jobs, variables, gcloud, triggers} = options
  const {projectId, name} = target
  const {channels, migrationsFolder: _, variablesOf, bigQueryUrl} = parseDeploySettings(variables)
  const bigQuery = createBigQuery({projectId, url: bigQueryUrl})
  return [
    {what: 'gcloud', look: async () => [await lookAtAccount(gcloud)]},
    {what: 'credentials', look: async () => [await lookAtCredentials(createRunLedger(bigQuery))]},
    {
      what: `project ${projectId}`,
      async look(signal) {
        const plan = await planDeployment({
          jobs,
          target,
          version,
          // Which bundle runs is `deploy`'s to compare.
          staged: new Map(),
          variablesOf,
          channels,
          removeLegacy: false,
          gcloud,
          ledger: createLedgerTables(bigQuery),
          wait: async milliseconds => void (await sleep(milliseconds, undefined, {signal})),
          random: Math.random,
        })
        return findingsOf(plan, name)
      },
    },
    {what: 'paused schedules', look: () => lookAtTriggers(triggers, name)},
    ...apiChecks(target, variables),
  ]
}

async function lookAtAccount(gcloud: Gcloud): Promise<Finding> {
  const what = 'gcloud'
  try {
    const [active] = await readJson(gcloud, accountsSchema, ['auth', 'list', '--filter=status:ACTIVE'])
    if (active !== undefined) return {what, state: 'ok', detail: `as ${toPrintableLine(active.account, 100)}`}
    return {what, state: 'wrong', detail: 'nobody is logged in', remedy: 'gcloud auth login'}
  } catch (error) {
    return {what, state: 'wrong', detail: toPrintableLine(toMessageText(error), 300)}
  }
}

/** The client libraries' own login, which is another than gcloud's. */
async function lookAtCredentials(ledger: ReturnType<typeof createRunLedger>): Promise<Finding> {
  const what = 'credentials'
  try {
    await ledger.since(new Date())
    return {what, state: 'ok', detail: 'the run ledger answers'}
  } catch (error) {
    return {what, state: 'wrong', detail: toPrintableLine(describeFailure(error), 300)}
  }
}

export async function lookAtTriggers(triggers: Triggers, env: string): Promise<readonly Finding[]> {
  const what = 'paused schedules'
  const states = [...(await triggers.states())]
  const named = (state: string) => states.flatMap(([job, found]) => (found === state ? [job] : []))
  const broken = named('unknown').map(
    (job): Finding => ({
      what: 'schedules',
      state: 'wrong',
      detail: `${job} is out of order`,
      remedy: `npm run deploy -- ${env}`,
    }),
  )
  const paused = named('paused')
  if (paused.length === 0) return [...broken, {what, state: 'ok', detail: 'none'}]
  return [
    ...broken,
    ...paused.map((job): Finding => ({what, state: 'notice', detail: job, remedy: `npm run resume -- ${env} ${job}`})),
  ]
}
