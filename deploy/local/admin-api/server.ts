import {join} from 'node:path'
import {type EmulatorServer, startEmulatorServer} from '../emulator/emulator-server.ts'
import {createInjectedFaults, type InjectedFaults} from '../emulator/injected-faults.ts'
import {createAlertRoutes} from './alert-routes.ts'
import {createBootstrapRoutes} from './bootstrap-routes.ts'
import {type CentralDatasetControls, createCentralDataset} from './central-dataset.ts'
import {defaultOrganizations} from './default-organizations.ts'
import {createOrganizationRegistry, type OrganizationControls} from './organization-registry.ts'
import {createOrganizationRoutes} from './organization-routes.ts'
import {createQuotaRoutes, type QuotaRoutePlace} from './quota-routes.ts'
import {createRateLimit, type RateLimitOptions} from './rate-limit.ts'
import {defaultRelease, type Release} from './release.ts'
import {createRequestRecorder, type RequestLog} from './request-log.ts'
import type {Route} from './route.ts'
import {restoreOrganizations, savedStateSchema, toSavedState} from './saved-state.ts'
import {createService} from './service.ts'
import {createStateFile, readStateFile} from './state-file.ts'

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
  /** What the work on one organization takes, 1 to 3 in the real service (up to 60 for a sync). Default: 0.005. */
  readonly secondsPerOrganization?: number
  /** After so long a request is answered with 504 while its work goes on, as by Cloud Run. Default: 300. */
  readonly closesAfterSeconds?: number
  /** Whether work whose client has gone is carried to its end. Default: it goes on. */
  readonly afterClientGone?: 'goes-on' | 'stops'
  /** Default: the real limits. `false`: none. */
  readonly rateLimits?: boolean | RateLimitOptions
  readonly quotaRoutes?: QuotaRoutePlace
  /** The service's release; a later one than the state was made with finds it out of sync. */
  readonly release?: Release
  /** Who is there if nothing was saved: the sandbox's fourteen, or so many seeded ones. Default: `default`. */
  readonly organizations?: 'default' | number
  /** Told of what the service writes to BigQuery, before the request that did it is answered. */
  readonly onBigQueryChange?: (change: BigQueryChange) => Promise<void>
}

/** What the service changed in BigQuery, beyond what this stand-in keeps itself. */
export type BigQueryChange = {
  /** Whether the central dataset holds the quota table now. */
  readonly hasQuotaTable: boolean
  /** Organizations that have a quota record of today. */
  readonly organizationsWithRecord: readonly string[]
}

export type AdminApiEmulator = {
  /** What `API_SERVICE_URL` is set to: without a final slash. */
  readonly url: string
  readonly port: number
  readonly faults: InjectedFaults
  readonly exchanges: EmulatorServer['exchanges']
  readonly requestLog: RequestLog
  /**
   * The central dataset, as somebody with BigQuery's console sees and changes it. What is changed here, or in the
   * organizations, is saved with the next request that changes something, and by `stop`.
   */
  readonly dataset: CentralDatasetControls
  readonly organizations: OrganizationControls
  /** Ends the work under way and saves the state. */
  readonly stop: () => Promise<void>
}

/**
 * Starts the stand-in of CloudAct's admin API: the contract's operations on a state that is real, with its refusals.
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

  const shared = {organizations, requestRecorder, release, secondsPerOrganization, now}
  const health: Route = {
    operation: 'health',
    method: 'GET',
    path: '/health',
    isOpen: true,
    prepare: () => ({work: () => ({status: 'healthy', version: release.version})}),
  }
  const service = createService({
    routes: [
      health,
      ...createBootstrapRoutes({...shared, dataset, expectedTables: release.centralTables}),
      ...createOrganizationRoutes(shared),
      ...createQuotaRoutes({...shared, place: options.quotaRoutes ?? 'documented'}),
      ...createAlertRoutes(shared),
    ],
    rootKey,
    rateLimit: createRateLimit(options.rateLimits ?? true, now),
    requestRecorder,
    now,
    latencyMilliseconds: typeof latencyMilliseconds === 'number' ? () => latencyMilliseconds : latencyMilliseconds,
    closesAfterSeconds: options.closesAfterSeconds ?? 300,
    afterClientGone: options.afterClientGone ?? 'goes-on',
    async save(operation) {
      await save()
      const isOfBigQuery = operation === 'bootstrap' || operation === 'bootstrap-sync' || operation === 'reset-daily'
      if (isOfBigQuery) await options.onBigQueryChange?.(describeBigQuery())
    },
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
    stop() {
      // Once: a second stop would write an old state over that of whoever uses the folder now.
      stopped ??= stop()
      return stopped
    },
  }

  function describeBigQuery(): BigQueryChange {
    const today = now().toISOString().slice(0, 10)
    const withRecord = organizations.list('ACTIVE').filter(({state}) => state.quotaDate === today)
    return {
      hasQuotaTable: dataset.tables()?.['org_usage_quotas'] !== undefined,
      organizationsWithRecord: withRecord.map(({profile}) => profile.org_slug),
    }
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
