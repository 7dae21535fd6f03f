import {access, constants} from 'node:fs/promises'
import ky from 'ky'
import * as z from 'zod'
import type {Job} from '../../lib/job/job.ts'
import {describeSet, readMigrationFolder} from '../../lib/migrations/migration-folder.ts'
import {pushSubscriptionsOf} from '../catalogue/subscriptions.ts'
import {lastSegment} from '../cloud/gcloud/read-json.ts'
import type {Connection} from '../environment/connect.ts'
import {createControlClient} from '../local/control/client.ts'
import {faultsSchema, type SandboxFault} from '../local/control/protocol.ts'
import {sampleMigrations} from '../local/migrations-folder.ts'
import {findRunningSandbox, type SandboxAddresses} from '../local/sandbox-file.ts'
import type {Schedules} from '../schedules/schedules.ts'
import type {Check, CheckResult} from './check-result.ts'
import {checkSchedules} from './cloud-checks.ts'
import {checkFaults} from './fault-checks.ts'
import {checkApi, checkFunctions} from './function-checks.ts'
import {checkLedger} from './ledger-check.ts'
import {missedSlotsCheck} from './missed-slots-check.ts'

const subscriptionsSchema = z.object({subscriptions: z.array(z.object({name: z.string()})).default([])})
const wantedNode = 24

/** Everything that a run needs in the sandbox, which is up by now. */
export function localChecks(options: {
  readonly jobs: readonly Job[]
  readonly folder: string
  /** The operator's shell. */
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly projectId: string
  readonly connection: Connection
  readonly schedules: Schedules
  /** `24.21.0`. */
  readonly nodeVersion: string
}): readonly Check[] {
  const {jobs, folder, variables, projectId, connection, schedules, nodeVersion} = options
  const check = (what: string, look: (signal: AbortSignal) => Promise<string>): Check => ({
    what,
    look: async signal => [{what, state: 'ok', detail: await look(signal)}],
  })
  const running = async (): Promise<SandboxAddresses> => {
    const found = await findRunningSandbox(folder)
    if (found === undefined) throw new Error('the sandbox has ended: npm run local')
    return found
  }
  let reading: Promise<readonly SandboxFault[]> | undefined
  // Read before anything is asked that a fault could meet: one that has met its last request is gone.
  const readFaults = () => {
    reading ??= running().then(sandbox => createControlClient(sandbox).get('faults', faultsSchema))
    return reading
  }
  return [
    {what: 'Node', look: async () => [checkNode(nodeVersion)]},
    check('folder', async () => {
      await access(folder, constants.W_OK)
      return folder
    }),
    check('sandbox', async () =>
      connection.isTemporary ? 'starts; it was up for this command alone' : `runs as process ${(await running()).pid}`,
    ),
    {what: 'functions', look: async () => checkFunctions(await running(), {jobs, shell: variables['API_SERVICE_URL']})},
    {what: 'faults', look: async () => checkFaults(await readFaults())},
    {what: 'subscriptions', look: async signal => checkSubscriptions(await running(), {jobs, projectId, signal})},
    {what: 'run ledger', look: async () => [await checkLedger(await running(), await readFaults(), projectId)]},
    {what: 'admin API', look: async signal => checkApi(await running(), await readFaults(), signal)},
    check('migrations', async () => {
      const {migrationsFolder} = await running()
      const set = describeSet(await readMigrationFolder(migrationsFolder))
      return migrationsFolder === sampleMigrations ? `${set}: samples; SUPABASE_MIGRATIONS_DIR names your own` : set
    }),
    {what: 'paused schedules', look: () => checkSchedules(schedules, 'local')},
    missedSlotsCheck({jobs, ledger: connection.ledger, schedules, env: 'local', now: () => new Date()}),
  ]
}

function checkNode(nodeVersion: string): CheckResult {
  const what = 'Node'
  if (Number.parseInt(nodeVersion, 10) >= wantedNode) return {what, state: 'ok', detail: nodeVersion}
  return {
    what,
    state: 'wrong',
    detail: nodeVersion,
    fix: `npm ci brings Node ${wantedNode}; start commands by npm run`,
  }
}

async function checkSubscriptions(
  {pubSubHost}: SandboxAddresses,
  {jobs, projectId, signal}: {jobs: readonly Job[]; projectId: string; signal: AbortSignal},
): Promise<readonly CheckResult[]> {
  const what = 'subscriptions'
  const url = `http://${pubSubHost}/v1/projects/${projectId}/subscriptions?pageSize=1000`
  const {subscriptions} = subscriptionsSchema.parse(await ky.get(url, {retry: 0, signal}).json())
  const there = new Set(subscriptions.map(({name}) => lastSegment(name)))
  const declared = pushSubscriptionsOf(jobs).map(({name}) => name)
  const missing = declared.filter(name => !there.has(name))
  if (missing.length === 0) return [{what, state: 'ok', detail: `${declared.length} as declared`}]
  return missing.map(name => ({
    what,
    state: 'wrong',
    detail: `${name} is not there`,
    fix: 'end the sandbox and start it again: it makes what functions/ declares when it starts',
  }))
}
