import {setTimeout as wait} from 'node:timers/promises'
import {createBoundedLog} from '../emulator/bounded-log.ts'
import {type EmulatorServer, startEmulatorServer} from '../emulator/emulator-server.ts'
import type {EmulatorRequest, EmulatorResponse} from '../emulator/exchange.ts'
import {createInjectedFaults, type InjectedFaults} from '../emulator/injected-faults.ts'
import {connectionTrouble} from './connection-trouble.ts'
import {createProjectDatabase, type ProjectDatabase} from './database.ts'
import {readQuery} from './query-body.ts'
import type {QueryOutcome} from './query-outcome.ts'
import {createRateLimit} from './rate-limit.ts'
import {formatSqlError} from './sql-error.ts'

/** One query that the database carried out or refused, whatever became of its answer. */
type QueryRecord = {
  readonly at: Date
  /** The first 80 characters. */
  readonly start: string
  readonly bytes: number
  /** Absent where it succeeded. */
  readonly sqlState?: string
}

export type SupabaseEmulator = {
  /** What stands for `https://api.supabase.com`, without a final slash. */
  readonly url: string
  readonly port: number
  readonly faults: InjectedFaults
  readonly exchanges: EmulatorServer['exchanges']
  /** In the order in which they were done; those of {@link SupabaseEmulator.query} are not among them. */
  readonly requestLog: readonly QueryRecord[]
  /**
   * Rows straight from the database: no rate limit, no faults, no request log.
   * @throws Error with the endpoint's text, where Postgres refuses
   */
  readonly query: (sql: string) => Promise<Record<string, unknown>[]>
  /** Starts the database, which the first query would do otherwise (1 to 3 s). */
  readonly warmUp: () => Promise<void>
  /** How long that took; undefined before it is over. */
  readonly startMilliseconds: () => number | undefined
  readonly stop: () => Promise<void>
}

const queryPath = /^\/v1\/projects\/([^/]+)\/database\/query$/

/**
 * Supabase's management API for one project, over PGlite: `POST /v1/projects/{ref}/database/query`, with the refusals
 * and the text of errors of the real one, and a database prepared as Supabase prepares a project.
 *
 * @param options.port 0 lets the system choose
 * @param options.database another PostgreSQL than the embedded one; it is stopped with this
 * @param options.dataFolder where the database is kept; in memory without one
 * @param options.requestsPerMinute 120 by default, as documented
 * @param options.queryTimeoutMilliseconds 50,000 by default; a query that takes longer goes on, but is answered with 544
 */
export async function startSupabase(options: {
  readonly port?: number
  readonly accessToken: string
  readonly projectRef: string
  readonly database?: ProjectDatabase
  readonly dataFolder?: string
  readonly faults?: InjectedFaults
  readonly now?: () => Date
  readonly requestsPerMinute?: number
  readonly queryTimeoutMilliseconds?: number
}): Promise<SupabaseEmulator> {
  const {accessToken, projectRef, queryTimeoutMilliseconds = 50_000} = options
  const now = options.now ?? (() => new Date())
  const faults = options.faults ?? createInjectedFaults()
  const limitRate = createRateLimit({requestsPerMinute: options.requestsPerMinute ?? 120, now})
  const database = options.database ?? createProjectDatabase({dataFolder: options.dataFolder})
  const requestLog = createBoundedLog<QueryRecord>(5000)

  async function respond({method, url, headers, body}: EmulatorRequest): Promise<EmulatorResponse> {
    const ref = queryPath.exec(url.pathname)?.[1]
    if (method !== 'POST' || ref === undefined) return refuse(404, `Cannot ${method} ${url.pathname}`)
    if (headers.authorization !== `Bearer ${accessToken}`) return refuse(401, 'Unauthorized')
    if (ref !== projectRef) return refuseProject(ref)
    const verdict = limitRate()
    const response = verdict.isAllowed
      ? await query(headers['content-type'], body)
      : refuse(429, 'ThrottlerException: Too Many Requests')
    return {...response, headers: verdict.headers}
  }

  async function query(contentType: string | undefined, body: string): Promise<EmulatorResponse> {
    const parsed = readQuery(contentType, body)
    if ('message' in parsed) return refuse(400, parsed.message)
    const isAnswered = new AbortController()
    const {promise: timeout, resolve: giveUp} = Promise.withResolvers<EmulatorResponse>()
    const answer = database
      .run(parsed.query, () => {
        const waited = wait(queryTimeoutMilliseconds, connectionTrouble.queryTimeout, {signal: isAnswered.signal})
        waited.then(giveUp, () => {})
      })
      .then(outcome => record(parsed.query, outcome))
      .catch(() => connectionTrouble.connectionLost)
    return Promise.race([answer, timeout]).finally(() => isAnswered.abort())
  }

  function record(sql: string, outcome: QueryOutcome): EmulatorResponse {
    const entry = {at: now(), start: sql.slice(0, 80), bytes: Buffer.byteLength(sql)}
    requestLog.add(outcome.kind === 'rows' ? entry : {...entry, sqlState: outcome.error.sqlState})
    if (outcome.kind === 'rows') return {status: 201, body: outcome.rows}
    return refuse(400, `Failed to run sql query: ${formatSqlError(outcome.error, sql)}`)
  }

  const server = await startEmulatorServer({port: options.port ?? 0, faults, secret: accessToken, respond})
  return {
    url: server.url,
    port: server.port,
    faults,
    exchanges: server.exchanges,
    requestLog: requestLog.entries,
    async query(sql) {
      const outcome = await database.run(sql)
      if (outcome.kind === 'refused') throw new Error(formatSqlError(outcome.error, sql))
      return outcome.rows
    },
    warmUp: database.warmUp,
    startMilliseconds: database.startMilliseconds,
    async stop() {
      await server.stop()
      await database.stop()
    },
  }
}

function refuse(status: number, message: string): EmulatorResponse {
  return {status, body: {message}}
}

/** A ref has 20 lower-case letters: one that could exist may be another customer's, any other isn't a project. */
function refuseProject(ref: string): EmulatorResponse {
  if (!/^[a-z]{20}$/.test(ref)) return refuse(404, 'Project not found')
  return refuse(403, 'Your account does not have the necessary privileges to access this endpoint.')
}
