import {randomBytes} from 'node:crypto'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import type {Job} from '../../lib/job/job.ts'
import {routingVariables} from '../catalogue/subscriptions.ts'
import {type AdminApiEmulator, type AdminApiOptions, startAdminApi} from './admin-api/server.ts'
import type {AcceptedStatement} from './bigquery/prepared-statement.ts'
import {type BigQueryEmulator, startBigQuery} from './bigquery/server.ts'
import {createBigQueryMirror} from './bigquery-mirror.ts'
import {type FunctionHost, startFunctionHost} from './function-host.ts'
import {setUpLedger} from './ledger-setup.ts'
import {sampleMigrations} from './migrations-folder.ts'
import {type PubSubServer, startPubSubServer} from './pubsub/server/server.ts'
import {type RetryPolicy, setUpPubSub} from './pubsub-setup.ts'
import {removeSandboxFile, type SandboxAddresses, writeSandboxFile} from './sandbox-file.ts'
import {noteServed} from './served-since.ts'
import {type SupabaseEmulator, startSupabase} from './supabase/server.ts'

export type SandboxOptions = {
  readonly jobs: readonly Job[]
  /** Where the state survives; absent: in memory, and no other command finds this sandbox. */
  readonly folder?: string
  /** What the functions print, a line at a time. */
  readonly onLine: (line: string) => void
  /** A function to start at once, since a message is about to wait for it. */
  readonly warm?: string
  /** What supabase-migrate applies. @default the samples */
  readonly migrationsFolder?: string
  /** Added to, or replacing, what the functions find in their environment. */
  readonly functionEnv?: Readonly<Record<string, string>>
  readonly retryPolicy?: RetryPolicy
  /** Requests at a time and function. @default 1, as deployed */
  readonly concurrency?: number
  readonly adminApi?: Partial<AdminApiOptions>
  /** Whether somebody fires the schedules: `npm run list` says so. @default false */
  readonly firesSchedules?: boolean
  /** What the functions authenticate with; made up where it is absent. */
  readonly secrets?: {readonly rootKey: string; readonly accessToken: string}
  /** Delivers nothing: for a command that only looks, and would use up a message's attempts by looking. @default false */
  readonly pausesDelivery?: boolean
  /** Is given each statement that BigQuery accepted, before it runs. */
  readonly onAcceptedStatement?: ((statement: AcceptedStatement) => void) | undefined
  /** Another Pub/Sub than the embedded one, for example Google's emulator. */
  readonly startPubSub?: () => Promise<{readonly host: string; readonly stop: () => Promise<void>}>
}

/** The whole service on this machine: every counterpart, and the functions. */
export type Sandbox = {
  readonly addresses: SandboxAddresses
  readonly bigQuery: BigQueryEmulator
  readonly adminApi: AdminApiEmulator
  readonly supabase: SupabaseEmulator
  readonly functions: FunctionHost
  readonly stop: () => Promise<void>
}

export const localProjectId = 'cloudact-local'
/** A crashed function's run is taken up again after this long; in the cloud 120 s. */
const leaseSeconds = 15

/** Starts the sandbox on ports given by the system, on loopback only. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const {jobs, folder, onLine, migrationsFolder = sampleMigrations} = options
  if (folder !== undefined) await mkdir(folder, {recursive: true})
  const data = folder === undefined ? {} : {dataFolder: folder}
  // Made anew each time: nobody but this sandbox's own functions needs them.
  const {rootKey, accessToken} = options.secrets ?? {
    rootKey: randomBytes(24).toString('hex'),
    accessToken: `sbp_${randomBytes(20).toString('hex')}`,
  }

  let pushes: Pick<PubSubServer, 'holdPushes' | 'releasePushes'> | undefined
  const started: {stop: () => Promise<void>}[] = []
  const keep = async <T extends {stop: () => Promise<void>}>(starting: Promise<T>): Promise<T> => {
    const service = await starting
    started.push(service)
    return service
  }
  const stop = async () => {
    // What a function can't finish now was no failure of its message.
    pushes?.holdPushes()
    // The functions first, so that what they are doing can still be written down.
    for (const service of started.toReversed()) await service.stop()
    if (folder !== undefined) await removeSandboxFile(folder)
  }

  try {
    const startingBigQuery = keep(
      startBigQuery({...data, projectId: localProjectId, onAccepted: options.onAcceptedStatement}),
    )
    const tables = createBigQueryMirror(startingBigQuery, options.adminApi?.now ?? (() => new Date()))
    const [pubSub, bigQuery, adminApi, supabase] = await Promise.all([
      keep(startOwnPubSub(options, data)),
      startingBigQuery,
      keep(startAdminApi({...data, bigQuery: tables, ...options.adminApi, rootKey})),
      keep(
        startSupabase({
          // Its database is the folder.
          ...(folder === undefined ? {} : {dataFolder: join(folder, 'supabase')}),
          accessToken,
          projectRef: 'local',
        }),
      ),
    ])
    const functions = await keep(
      startFunctionHost({
        functionNames: jobs.map(job => job.functionName),
        concurrency: options.concurrency ?? 1,
        onLine,
        envOf: functionName => ({
          FUNCTION_TARGET: functionName,
          GCP_PROJECT_ID: localProjectId,
          ENVIRONMENT: 'staging',
          CA_ROOT_API_KEY: rootKey,
          SUPABASE_ACCESS_TOKEN: accessToken,
          API_SERVICE_URL: adminApi.url,
          SUPABASE_API_URL: supabase.url,
          SUPABASE_MIGRATIONS_DIR: migrationsFolder,
          BIGQUERY_EMULATOR_HOST: bigQuery.url,
          PUBSUB_EMULATOR_HOST: pubSub.host,
          METADATA_SERVER_DETECTION: 'none',
          LOG_FORMAT: 'terminal',
          LEASE_SECONDS: String(leaseSeconds),
          ...(process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? {FORCE_COLOR: '1'} : {NO_COLOR: '1'}),
          ...routingVariables(functionName, jobs),
          ...options.functionEnv,
        }),
      }),
    )
    const warming = options.warm === undefined ? undefined : functions.warm(options.warm)
    // Its failure shows when the message is delivered, with what the function printed.
    warming?.catch(() => undefined)
    await setUpLedger(createBigQuery({projectId: localProjectId, url: bigQuery.url}))
    await setUpPubSub({
      host: pubSub.host,
      projectId: localProjectId,
      jobs,
      retryPolicy: options.retryPolicy ?? {minimumBackoffSeconds: 1, maximumBackoffSeconds: 20},
      endpointOf: functions.urlOf,
    })
    if (pubSub.pushes !== undefined && options.pausesDelivery !== true) pubSub.pushes.releasePushes()
    pushes = pubSub.pushes
    const addresses = {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      pubSubHost: pubSub.host,
      bigQueryUrl: bigQuery.url,
      adminApiUrl: adminApi.url,
      supabaseUrl: supabase.url,
      migrationsFolder: options.functionEnv?.['SUPABASE_MIGRATIONS_DIR'] ?? migrationsFolder,
      firesSchedules: options.firesSchedules ?? false,
    }
    if (folder !== undefined) {
      await noteServed(folder, jobs, new Date())
      await writeSandboxFile(folder, addresses)
    }
    return {addresses, bigQuery, adminApi, supabase, functions, stop}
  } catch (error) {
    await stop()
    throw error
  }
}

/** The embedded Pub/Sub pushes nothing before the functions' addresses of today are known to it. */
async function startOwnPubSub(
  {startPubSub}: SandboxOptions,
  data: {readonly dataFolder?: string},
): Promise<{
  readonly host: string
  readonly stop: () => Promise<void>
  readonly pushes?: Pick<PubSubServer, 'holdPushes' | 'releasePushes'>
}> {
  if (startPubSub !== undefined) return startPubSub()
  const server = await startPubSubServer({...data, holdsPushes: true})
  return {host: server.host, stop: server.stop, pushes: server}
}
