import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import type {Job} from '../../lib/job/job.ts'
import {routingVariables} from '../catalogue/subscriptions.ts'
import {type AdminApiEmulator, type AdminApiOptions, startAdminApi} from './admin-api/server.ts'
import type {AcceptedStatement} from './bigquery/prepared-statement.ts'
import {type BigQueryEmulator, startBigQuery} from './bigquery/server.ts'
import {createBigQueryMirror} from './bigquery-mirror.ts'
import {createFunctionAccess} from './control/function-access.ts'
import {createControlRoutes} from './control/routes.ts'
import {createSandboxFaults, type SandboxFaults} from './control/sandbox-faults.ts'
import {type ControlServer, startControlServer} from './control/server.ts'
import {withCaller} from './emulator/exchange.ts'
import {closeToOthers, makePrivateFolder} from './folder/private-folder.ts'
import {lockSandboxFolder} from './folder/sandbox-lock.ts'
import {type FunctionHost, startFunctionHost} from './function-host.ts'
import {setUpLedger} from './ledger-setup.ts'
import {createLogFile, logFileOf} from './log-file.ts'
import {withoutRunId} from './log-line.ts'
import {sampleMigrations} from './migrations-folder.ts'
import {type PubSubServer, startPubSubServer} from './pubsub/server/server.ts'
import {type RetryPolicy, setUpPubSub} from './pubsub-setup.ts'
import {removeSandboxFile, type SandboxAddresses, writeSandboxFile} from './sandbox-file.ts'
import {noteServed} from './served-since.ts'
import {createServiceGroup} from './service-group.ts'
import {type SupabaseEmulator, startSupabase} from './supabase/server.ts'

export type SandboxOptions = {
  readonly jobs: readonly Job[]
  /** Where the state survives; absent: in memory, and no other command finds this sandbox. */
  readonly folder?: string
  /** What the functions print, a line at a time; with a folder it is also in a file there. */
  readonly onLine?: (line: string) => void
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
  /** At least this many active organizations. @default as many as there are */
  readonly organizations?: number
  /** Whether the schedules are fired: `npm run list` says so. @default false */
  readonly firesSchedules?: boolean
  /** What the functions authenticate with; made up where it is absent. */
  readonly secrets?: {readonly rootKey: string; readonly accessToken: string}
  /** Delivers nothing: for a command that only looks, and would use up a message's attempts by looking. @default false */
  readonly pausesDelivery?: boolean
  /** Is given each statement that BigQuery accepted, before it runs. */
  readonly onAcceptedStatement?: ((statement: AcceptedStatement) => void) | undefined
  /** How long a busy function holds a request. @default 10 s, as Cloud Run does */
  readonly holdMilliseconds?: number
  /** Whether the functions' lines may be colored. @default false */
  readonly colors?: boolean
  /** The folder is this sandbox's; the rest takes some seconds. */
  readonly onLocked?: () => void
  /** Whether it ends with the command that started it. @default false */
  readonly isTemporary?: boolean
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
  readonly faults: SandboxFaults
  readonly control: ControlServer
  readonly stop: () => Promise<void>
}

export const localProjectId = 'cloudact-local'
/** The mask that leaves a group and others nothing. */
const ownerOnly = 0o077
/** A crashed function's run is taken up again after this long; in the cloud 120 s. */
const leaseSeconds = 15

/**
 * Starts the sandbox on ports given by the system, on loopback only.
 *
 * @throws SandboxInUseError where another sandbox has the folder; Error that names the service which can't start: whatever
 * had begun is stopped by then.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const {folder} = options
  if (folder === undefined) return startServices(options, () => {})
  await makePrivateFolder(folder)
  const lock = await lockSandboxFolder(folder, () => new Date())
  options.onLocked?.()
  // DuckDB makes its files, now and while it works, as the process's mask allows.
  const mask = process.umask(ownerOnly)
  return startServices(options, () => {
    if (mask !== ownerOnly) process.umask(mask)
    lock.release()
  })
}

async function startServices(options: SandboxOptions, release: () => void): Promise<Sandbox> {
  const {jobs, folder, onLine, migrationsFolder = sampleMigrations} = options
  const logFile = folder === undefined ? undefined : createLogFile(logFileOf(folder), () => new Date())
  const data = folder === undefined ? {} : {dataFolder: folder}
  // New each time: only this sandbox's own functions need them.
  const {rootKey, accessToken} = options.secrets ?? {
    rootKey: randomBytes(24).toString('hex'),
    accessToken: `sbp_${randomBytes(20).toString('hex')}`,
  }

  let pushes: Pick<PubSubServer, 'holdPushes' | 'releasePushes'> | undefined
  const services = createServiceGroup()
  const stop = async () => {
    try {
      // First, so that no command comes to one that is about to end.
      if (folder !== undefined) await removeSandboxFile(folder)
      // What a function can't finish now was no failure of its message.
      pushes?.holdPushes()
      // The functions first, so that what they are doing can still be recorded.
      await services.stop()
    } finally {
      logFile?.close()
      release()
    }
  }

  try {
    const startingBigQuery = services.add(
      'BigQuery',
      startBigQuery({...data, projectId: localProjectId, onAccepted: options.onAcceptedStatement}),
    )
    const tables = createBigQueryMirror(startingBigQuery, options.adminApi?.now ?? (() => new Date()))
    const [pubSub, bigQuery, adminApi, supabase] = await Promise.all([
      services.add('Pub/Sub', startOwnPubSub(options, data)),
      startingBigQuery,
      services.add('admin API', startAdminApi({...data, bigQuery: tables, ...options.adminApi, rootKey})),
      services.add(
        'Supabase',
        startSupabase({
          // Its database is the folder.
          ...(folder === undefined ? {} : {dataFolder: join(folder, 'supabase')}),
          accessToken,
          projectRef: 'local',
        }),
      ),
    ])
    seedOrganizations(adminApi, options.organizations ?? 0)
    const envOf = (functionName: string, of = (url: string) => withCaller(url, functionName)) => ({
      FUNCTION_TARGET: functionName,
      GCP_PROJECT_ID: localProjectId,
      ENVIRONMENT: 'staging',
      CA_ROOT_API_KEY: rootKey,
      SUPABASE_ACCESS_TOKEN: accessToken,
      API_SERVICE_URL: of(adminApi.url),
      SUPABASE_API_URL: of(supabase.url),
      BIGQUERY_EMULATOR_HOST: of(bigQuery.url),
      SUPABASE_MIGRATIONS_DIR: migrationsFolder,
      PUBSUB_EMULATOR_HOST: pubSub.host,
      METADATA_SERVER_DETECTION: 'none',
      LOG_FORMAT: 'terminal',
      LEASE_SECONDS: String(leaseSeconds),
      ...(options.colors === true ? {FORCE_COLOR: '1'} : {NO_COLOR: '1'}),
      ...routingVariables(functionName, jobs),
      ...options.functionEnv,
    })
    const functionNames = jobs.map(job => job.functionName)
    const access = createFunctionAccess({
      functionNames,
      variables: () => envOf(functionNames[0] ?? '', url => url),
      given: () => Object.keys(options.functionEnv ?? {}),
    })
    const functions = await services.add(
      'functions',
      startFunctionHost({
        functionNames,
        concurrency: options.concurrency ?? 1,
        ...(options.holdMilliseconds === undefined ? {} : {holdMilliseconds: options.holdMilliseconds}),
        onLine(line) {
          logFile?.write(line)
          onLine?.(withoutRunId(line))
        },
        envOf: name => envOf(name),
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
    pushes = pubSub.pushes
    if (options.pausesDelivery !== true) pushes?.releasePushes()

    const faults = createSandboxFaults(
      {api: adminApi.faults, ledger: bigQuery.faults, supabase: supabase.faults},
      name => void functions.processOf(name).then(running => running?.end('SIGKILL')),
    )
    const controlToken = randomBytes(24).toString('hex')
    const control: ControlServer = await services.add(
      'control API',
      startControlServer({
        token: controlToken,
        routes: createControlRoutes({
          adminApi,
          bigQuery,
          supabase,
          faults,
          functions: access,
          jobs,
          about: () => ({pid: process.pid, clients: control.clients()}),
        }),
        // Started only to read, but now a command waits for a message.
        onClient: ({wantsDelivery}) => wantsDelivery && pushes?.releasePushes(),
      }),
    )
    const addresses = {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      pubSubHost: pubSub.host,
      bigQueryUrl: bigQuery.url,
      adminApiUrl: adminApi.url,
      supabaseUrl: supabase.url,
      supabaseToken: accessToken,
      migrationsFolder: options.functionEnv?.['SUPABASE_MIGRATIONS_DIR'] ?? migrationsFolder,
      firesSchedules: options.firesSchedules ?? false,
      controlUrl: control.url,
      controlToken,
      isTemporary: options.isTemporary ?? false,
      ...(folder === undefined ? {} : {logFile: logFileOf(folder)}),
    }
    if (folder !== undefined) {
      await noteServed(folder, jobs, new Date())
      await closeToOthers(folder)
      await writeSandboxFile(folder, addresses)
    }
    return {addresses, bigQuery, adminApi, supabase, functions, faults, control, stop}
  } catch (error) {
    // What doesn't stop either is a consequence.
    await stop().catch(() => undefined)
    throw error
  }
}

function seedOrganizations({organizations}: AdminApiEmulator, wanted: number): void {
  const missing = wanted - organizations.count('ACTIVE')
  if (missing > 0) organizations.seed(missing)
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
