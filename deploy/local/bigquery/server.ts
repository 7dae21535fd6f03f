import * as z from 'zod'
import {type EmulatorServer, startEmulatorServer} from '../emulator/emulator-server.ts'
import type {EmulatorRequest, EmulatorResponse} from '../emulator/exchange.ts'
import {createInjectedFaults, type InjectedFaults} from '../emulator/injected-faults.ts'
import {openDatabase} from './database.ts'
import {openDatasets} from './datasets.ts'
import {type JobResource, openJobs} from './jobs.ts'
import {type AcceptedStatement, statementSchema} from './prepared-statement.ts'
import {BigQueryRefusal, toErrorResponse} from './refusal.ts'
import {listTableData} from './table-data.ts'
import {formatTimestamps, type TimestampFormat, type WireResult} from './wire-rows.ts'

export type BigQueryEmulator = {
  readonly url: string
  readonly port: number
  readonly faults: InjectedFaults
  readonly exchanges: EmulatorServer['exchanges']
  /** Statements of DuckDB, for seeding and for looking at what is really there. */
  readonly execute: (sql: string) => Promise<Record<string, unknown>[]>
  readonly stop: () => Promise<void>
}

const jobReference = z.object({
  jobId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,1024}$/)
    .optional(),
  location: z.string().optional(),
})
const insertSchema = z.object({
  jobReference: jobReference.optional(),
  configuration: z.looseObject({query: statementSchema, dryRun: z.boolean().optional()}),
})
const formatOptionsSchema = z.object({
  timestampOutputFormat: z
    .enum(['ISO8601_STRING', 'INT64', 'FLOAT64', 'TIMESTAMP_OUTPUT_FORMAT_UNSPECIFIED'])
    .optional(),
  useInt64Timestamp: z.union([z.boolean(), z.enum(['true', 'false'])]).optional(),
})
const querySchema = statementSchema.extend({
  formatOptions: formatOptionsSchema.optional(),
  dryRun: z.boolean().optional(),
  location: z.string().optional(),
  maxResults: z.number().optional(),
})
const datasetSchema = z.looseObject({datasetReference: z.object({datasetId: z.string()})})
const tableSchema = z.looseObject({tableReference: z.object({tableId: z.string()})})

/**
 * BigQuery's REST interface over DuckDB, for the calls and statements that this project uses; anything else is a 400
 * that says so. Source: BigQuery REST reference, v2.
 *
 * @param options.dataFolder where `bigquery.duckdb` is; absent: in memory.
 * @param options.onAccepted is given each statement that passed all checks, before it runs.
 */
export async function startBigQuery(options: {
  readonly port?: number
  readonly projectId: string
  readonly dataFolder?: string
  readonly faults?: InjectedFaults
  readonly now?: () => Date
  readonly onAccepted?: ((statement: AcceptedStatement) => void) | undefined
}): Promise<BigQueryEmulator> {
  const {projectId, faults = createInjectedFaults(), now = () => new Date()} = options
  const database = await openDatabase(options.dataFolder)
  const datasets = await openDatasets(database, projectId)
  const jobs = await openJobs(database, datasets, {projectId, now, onAccepted: options.onAccepted})

  const routes: readonly [string, RegExp, (request: EmulatorRequest, groups: string[]) => Promise<EmulatorResponse>][] =
    [
      [
        'POST',
        /^\/datasets$/,
        async request => {
          const body = parse(datasetSchema, request)
          return ok(await datasets.createDataset(body.datasetReference.datasetId, body))
        },
      ],
      ['GET', /^\/datasets\/([^/]+)$/, async (_, [id = '']) => ok(await datasets.getDataset(id))],
      [
        'POST',
        /^\/datasets\/([^/]+)\/tables$/,
        async (request, [dataset = '']) => {
          const body = parse(tableSchema, request)
          return ok(await datasets.createTable(dataset, body.tableReference.tableId, body))
        },
      ],
      [
        'GET',
        /^\/datasets\/([^/]+)\/tables\/([^/]+)$/,
        async (_, [dataset = '', id = '']) => ok(await datasets.getTable(dataset, id)),
      ],
      [
        'GET',
        /^\/datasets\/([^/]+)\/tables\/([^/]+)\/data$/,
        async ({url}, [dataset = '', id = '']) => {
          const {format, ...page} = parseDataQuery(url.searchParams)
          const {rows, total, next} = await listTableData(database, datasets, {dataset, id, ...page})
          const pageToken = next === undefined ? {} : {pageToken: String(next)}
          return ok({
            kind: 'bigquery#tableDataList',
            totalRows: String(total),
            rows: formatTimestamps(rows, format),
            ...pageToken,
          })
        },
      ],
      [
        'PATCH',
        /^\/datasets\/([^/]+)\/tables\/([^/]+)$/,
        async (request, [dataset = '', id = '']) =>
          ok(await datasets.growTable(dataset, id, parse(z.looseObject({}), request))),
      ],
      [
        'DELETE',
        /^\/datasets\/([^/]+)\/tables\/([^/]+)$/,
        async (_, [dataset = '', id = '']) => {
          await datasets.deleteTable(dataset, id)
          return {status: 204}
        },
      ],
      [
        'POST',
        /^\/jobs$/,
        async request => {
          const {jobReference, configuration} = parse(insertSchema, request)
          const {query, dryRun = false} = configuration
          const {job, failure} = await jobs.insert(query, {...jobReference, configuration, dryRun})
          // A dry run's failure is the answer itself; a job's failure is in the job.
          if (failure !== undefined && dryRun) throw failure
          return ok(job)
        },
      ],
      [
        'POST',
        /^\/queries$/,
        async request => {
          const {location, dryRun = false, maxResults, formatOptions, ...statement} = parse(querySchema, request)
          const {job, result, failure} = await jobs.insert(statement, {
            location,
            configuration: {query: statement},
            dryRun,
          })
          if (failure !== undefined) throw failure
          return ok(queryResponse(job, result, {from: 0, maxResults, format: timestampFormatOf(formatOptions)}))
        },
      ],
      ['GET', /^\/jobs\/([^/]+)$/, async (_, [id = '']) => ok((await jobs.get(id)).job)],
      [
        'GET',
        /^\/queries\/([^/]+)$/,
        async ({url}, [id = '']) => {
          const {job, result} = await jobs.get(id)
          const {errorResult} = job.status
          if (errorResult !== undefined) {
            const status = {notFound: 404, accessDenied: 403}[errorResult.reason] ?? 400
            throw new BigQueryRefusal(status, errorResult.reason, errorResult.message)
          }
          const maxResults = url.searchParams.get('maxResults')
          const from = Number(url.searchParams.get('pageToken') ?? 0)
          return ok(
            queryResponse(job, result, {
              from,
              maxResults: maxResults === null ? undefined : Number(maxResults),
              format: timestampFormatOf({
                timestampOutputFormat: url.searchParams.get('formatOptions.timestampOutputFormat') ?? undefined,
                useInt64Timestamp: url.searchParams.get('formatOptions.useInt64Timestamp') ?? undefined,
              }),
            }),
          )
        },
      ],
    ]

  const respond = async (request: EmulatorRequest): Promise<EmulatorResponse> => {
    try {
      // `apiEndpoint` puts /bigquery/v2 before the path, BIGQUERY_EMULATOR_HOST does not.
      const match = /^(?:\/bigquery\/v2)?\/projects\/([^/]+)(\/.*)$/.exec(decodeURIComponent(request.url.pathname))
      if (match === null) throw new BigQueryRefusal(404, 'notFound', 'Not Found')
      if (match[1] !== projectId) throw new BigQueryRefusal(403, 'accessDenied', `Access Denied: Project ${match[1]}`)
      const path = match[2] ?? ''
      for (const [method, pattern, act] of routes) {
        const groups = request.method === method ? pattern.exec(path) : null
        if (groups !== null) return await act(request, groups.slice(1))
      }
      throw new BigQueryRefusal(400, 'invalid', `the sandbox's BigQuery does not know ${request.method} ${path}`)
    } catch (error) {
      if (error instanceof BigQueryRefusal) return toErrorResponse(error)
      throw error
    }
  }
  const server = await startEmulatorServer({
    ...(options.port === undefined ? {} : {port: options.port}),
    faults,
    respond,
  })
  let stopping: Promise<void> | undefined
  return {
    url: server.url,
    port: server.port,
    faults,
    exchanges: server.exchanges,
    execute: async sql => (await database.run(sql)).getRowObjectsJS(),
    stop: () => {
      stopping ??= server.stop().then(database.close)
      return stopping
    },
  }
}

function ok(body: unknown): EmulatorResponse {
  return {status: 200, body}
}

/** @throws BigQueryRefusal that says where the body is wrong. */
function parse<Schema extends z.ZodType>(schema: Schema, {body}: EmulatorRequest): z.output<Schema> {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch (cause) {
    throw new BigQueryRefusal(400, 'parseError', 'Parse Error: the body is not JSON', {cause})
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new BigQueryRefusal(400, 'invalid', `Invalid value at '${issue?.path.join('.')}': ${issue?.message}`)
}

const dataQuerySchema = z.strictObject({
  maxResults: z.coerce.number().int().min(0).optional(),
  pageToken: z.coerce.number().int().min(0).default(0),
  prettyPrint: z.literal('false').optional(),
  'formatOptions.timestampOutputFormat': formatOptionsSchema.shape.timestampOutputFormat,
  'formatOptions.useInt64Timestamp': formatOptionsSchema.shape.useInt64Timestamp,
})

/** Of tabledata.list: what this project sends, and no more. @throws BigQueryRefusal */
function parseDataQuery(query: URLSearchParams) {
  const parsed = dataQuerySchema.safeParse(Object.fromEntries(query))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue?.path.join('.') ?? ''
    throw new BigQueryRefusal(
      400,
      'invalid',
      `the sandbox's BigQuery does not list data so: ${where} ${issue?.message}`,
    )
  }
  const {maxResults, pageToken, ...format} = parsed.data
  return {
    from: pageToken,
    maxResults,
    format: timestampFormatOf({
      timestampOutputFormat: format['formatOptions.timestampOutputFormat'],
      useInt64Timestamp: format['formatOptions.useInt64Timestamp'],
    }),
  }
}

function timestampFormatOf(options: unknown): TimestampFormat {
  const {timestampOutputFormat, useInt64Timestamp} = formatOptionsSchema.safeParse(options ?? {}).data ?? {}
  if (timestampOutputFormat === 'ISO8601_STRING' || timestampOutputFormat === 'INT64') return timestampOutputFormat
  return useInt64Timestamp === true || useInt64Timestamp === 'true' ? 'INT64' : 'FLOAT64'
}

function queryResponse(
  job: JobResource,
  result: WireResult,
  page: {from: number; maxResults: number | undefined; format: TimestampFormat},
) {
  const to = page.maxResults === undefined ? result.rows.length : page.from + page.maxResults
  const {numDmlAffectedRows} = job.statistics.query
  return {
    kind: 'bigquery#queryResponse',
    jobReference: job.jobReference,
    jobComplete: true,
    schema: result.schema,
    rows: formatTimestamps(result, page.format).slice(page.from, to),
    totalRows: String(result.rows.length),
    totalBytesProcessed: '0',
    ...(to < result.rows.length ? {pageToken: String(to)} : {}),
    ...(numDmlAffectedRows === undefined ? {} : {numDmlAffectedRows}),
  }
}
