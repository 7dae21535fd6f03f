import {join} from 'node:path'
import {type EmulatorServer, startEmulatorServer} from '../emulator/emulator-server.ts'
import {createInjectedFaults, type InjectedFaults} from '../emulator/injected-faults.ts'
import {createRoutes} from './find-routes.ts'
import {createInstances, type Instances} from './instances.ts'
import {createMaintenance, type Maintenance} from './middleware.ts'
import {createRateLimit, type RateLimitOptions} from './rate-limit.ts'
import type {RouteServices} from './route.ts'
import {createService} from './service.ts'
import {type BigQueryTables, noTables} from './state/bigquery-tables.ts'
import {type CentralDatasetControls, createCentralDataset} from './state/central-dataset.ts'
import {defaultOrganizations} from './state/default-organizations.ts'
import {createOrganizationRegistry, type OrganizationControls} from './state/organization-registry.ts'
import {defaultRelease, type Release} from './state/release.ts'
import {createRequestRecorder, type RequestLog} from './state/request-log.ts'
import {restoreOrganizations, savedStateSchema, toSavedState} from './state/saved-state.ts'
import {createStateFile, readStateFile} from './state/state-file.ts'

export type AdminApiOptions = {
  /** The key that `X-CA-Root-Key` must carry; empty: a service deployed without it, which answers 503. */
  readonly rootKey: string
  /** Default: 0, given by the system. */
  readonly port?: number
  /** Where the state survives, as `admin-api.json`. Absent: in memory only. */
  readonly dataFolder?: string
  readonly faults?: InjectedFaults
  /** The service's clock: rate limits, the status cache, today's quota records, the 1st of the month. */
  readonly now?: () => Date
  /** Waited before the work of each request. Default: 0. */
  readonly latencyMilliseconds?: number | ((method: string, path: string) => number)
  /**
   * What the work on one organization, or on one of its integrations, takes: 1 to 3 in the real service, up to 60 for a
   * sync, up to 120 for an integration. Default: 0.005.
   */
  readonly secondsPerOrganization?: number | ((orgSlug: string) => number)
  /** Instances, each of which works on one request after another. Infinity: none waits for another. Default: 1. */
  readonly instances?: number
  /** After so long a request is answered with 504 while its work goes on, as by Cloud Run. Default: 300. */
  readonly closesAfterSeconds?: number
  /** Whether work whose client has gone is brought to its end. Default: it goes on. */
  readonly afterClientGone?: 'goes-on' | 'stops'
  /** Default: the real limits. `false`: none. */
  readonly rateLimits?: boolean | RateLimitOptions
  /** Where the quota routes are: as in the running service, or as its documents have them. Default: `without-admin`. */
  readonly quotaRoutes?: RouteServices['quotaRoutes']
  /** The service's release; a later one than the state was made with finds it out of sync. */
  readonly release?: Release
  /** The organizations if nothing was saved: the sandbox's fourteen, or this many seeded ones. Default: `default`. */
  readonly organizations?: 'default' | number
  /** Told of what the service writes in BigQuery. */
  readonly bigQuery?: BigQueryTables
}

export type AdminApiEmulator = {
  /** What `API_SERVICE_URL` is set to: without a final slash. */
  readonly url: string
  readonly port: number
  readonly faults: InjectedFaults
  readonly exchanges: EmulatorServer['exchanges']
  readonly requestLog: RequestLog
  /**
   * The central dataset, as a user of BigQuery's console sees and changes it. What is changed here, or in the
   * organizations, is saved with the next request that changes something, and by `stop`.
   */
  readonly dataset: CentralDatasetControls
  readonly organizations: OrganizationControls
  /** More of them, or fewer, while requests are under way. */
  readonly instances: Pick<Instances, 'set' | 'count' | 'waiting'>
  readonly maintenance: Maintenance
  /** Ends the work under way and saves the state. */
  readonly stop: () => Promise<void>
}

/**
 * Starts the emulator of CloudAct's admin API: the contract's operations on a state that is real, with its refusals.
 *
 * @throws Error where the port is taken or the saved state can't be read.
 */
export async function startAdminApi(options: AdminApiOptions): Promise<AdminApiEmulator> {
  const {rootKey, now = () => new Date(), secondsPerOrganization = 0.005, latencyMilliseconds = 0} = options
  const {faults = createInjectedFaults(), release = defaultRelease(), dataFolder} = options
  const path = dataFolder === undefined ? undefined : join(dataFolder, 'admin-api.json')
  const saved = path === undefined ? undefined : await readStateFile(path, savedStateSchema)

  const requestRecorder = createRequestRecorder(rootKey)
  const dataset = createCentralDataset({
    tables: saved?.centralTables ?? undefined,
    expected: release.centralTables,
  })
  const organizations = createOrganizationRegistry(now)
  if (saved !== undefined) restoreOrganizations(saved, organizations)
  else populate(options.organizations ?? 'default')

  const state = path && createStateFile({path, read: () => toSavedState(dataset, organizations)})
  const save = async () => {
    if (state) await state.save()
  }

  const services: RouteServices = {
    dataset,
    release,
    organizations,
    requestRecorder,
    bigQuery: options.bigQuery ?? noTables,
    secondsFor: typeof secondsPerOrganization === 'number' ? () => secondsPerOrganization : secondsPerOrganization,
    quotaRoutes: options.quotaRoutes ?? 'without-admin',
    now,
  }
  const instances = createInstances(options.instances ?? 1)
  const maintenance = createMaintenance()
  const service = createService({
    routes: createRoutes.flatMap(create => create(services)),
    rootKey,
    rateLimit: createRateLimit(options.rateLimits ?? true, now),
    instances,
    maintenance,
    requestRecorder,
    now,
    latencyMilliseconds: typeof latencyMilliseconds === 'number' ? () => latencyMilliseconds : latencyMilliseconds,
    closesAfterSeconds: options.closesAfterSeconds ?? 300,
    afterClientGone: options.afterClientGone ?? 'goes-on',
    save,
  })
  const server = await startEmulatorServer({
    port: options.port ?? 0,
    faults,
    secret: rootKey,
    respond: service.respond,
  })

  let stopped: Promise<void> | undefined

  return {
    url: server.url,
    port: server.port,
    faults,
    exchanges: server.exchanges,
    requestLog: requestRecorder.requestLog,
    dataset,
    organizations,
    instances,
    maintenance,
    stop() {
      // Once: a second stop would write an old state over that of the folder's next user.
      stopped ??= stop()
      return stopped
    },
  }

  async function stop(): Promise<void> {
    // Both at once: what is under way ends, and its connection is cut before an answer could go out.
    const ended = service.stop()
    await server.stop()
    await ended
    await save()
  }

  function populate(wanted: 'default' | number): void {
    if (wanted !== 'default') organizations.seed(wanted)
    else for (const organization of defaultOrganizations(release)) organizations.add(organization)
  }
}
