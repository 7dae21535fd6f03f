import type {EmulatorRequest} from '../emulator/exchange.ts'
import {FrameworkRefusal} from './framework-refusal.ts'
import type {BigQueryTables} from './state/bigquery-tables.ts'
import type {CentralDataset} from './state/central-dataset.ts'
import type {OrganizationRegistry} from './state/organization-registry.ts'
import type {Release} from './state/release.ts'
import type {RequestRecorder} from './state/request-log.ts'

/** What routes work on. */
export type RouteServices = {
  readonly dataset: CentralDataset
  readonly release: Release
  readonly organizations: OrganizationRegistry
  readonly requestRecorder: RequestRecorder
  readonly bigQuery: BigQueryTables
  /** What the work on one organization, or on one of its integrations, takes. */
  readonly secondsFor: (orgSlug: string) => number
  readonly quotaRoutes: 'without-admin' | 'documented'
  readonly now: () => Date
}

/** The default export of each `*-routes.ts`. */
export type CreateRoutes = (services: RouteServices) => Route[]

/** One request that is being worked on. */
export type Call = {
  readonly requestId: string | undefined
  /**
   * Time that the work takes.
   *
   * @throws WorkStoppedError where the work has to end early.
   */
  readonly pause: (seconds: number) => Promise<void>
  /** Something was changed (`count` things, 1 when absent): the state is saved before the answer goes out. */
  readonly changed: (count?: number) => void
}

type Asked = {readonly request: EmulatorRequest; readonly parameters: Readonly<Record<string, string>>}

/** What a route found in its request: the work to do, not begun. */
type Prepared = {
  readonly orgSlug?: string
  readonly work: (call: Call) => unknown
}

export type Route = {
  /** The name under which the request log keeps it: `reset-daily`. */
  readonly operation: string
  readonly method: 'GET' | 'POST'
  /** Below the service's root; `{name}` stands for one segment. */
  readonly path: string
  /** Absent: no limit. */
  readonly requestsPerMinute?: number
  /** Answers without a root key. Default: false. */
  readonly isOpen?: boolean
  /**
   * Reads the request.
   *
   * @throws FrameworkRefusal 422 where it is against the contract.
   */
  readonly prepare: (asked: Asked) => Prepared
}

/**
 * The route that serves a request.
 *
 * @throws FrameworkRefusal 404 `Not Found` where this release has no such path, 405 where it has it for another method.
 */
export function findRoute(
  routes: readonly Route[],
  request: EmulatorRequest,
): {readonly route: Route; readonly parameters: Readonly<Record<string, string>>} {
  const found = routes.flatMap(route => {
    const parameters = matchPath(route.path, request.url.pathname)
    return parameters === undefined ? [] : [{route, parameters}]
  })
  const match = found.find(({route}) => route.method === request.method)
  if (match !== undefined) return match
  if (found.length === 0) throw new FrameworkRefusal(404, 'Not Found')
  const allow = found.map(({route}) => route.method).join(', ')
  throw new FrameworkRefusal(405, 'Method Not Allowed', {allow})
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? ''
    if (segment.startsWith('{')) parameters[segment.slice(1, -1)] = value
    else if (segment !== value) return undefined
  }
  return parameters
}
