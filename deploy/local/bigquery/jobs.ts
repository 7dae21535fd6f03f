import {randomUUID} from 'node:crypto'
import * as z from 'zod'
import type {Database} from './database.ts'
import type {Datasets} from './datasets.ts'
import {estimateBytes} from './estimate-bytes.ts'
import {type AcceptedStatement, prepareStatement, type Statement} from './prepared-statement.ts'
import {BigQueryRefusal, invalidQuery} from './refusal.ts'
import {toWireResult, type WireResult} from './wire-rows.ts'

const jobSchema = z.looseObject({
  jobReference: z.object({projectId: z.string(), jobId: z.string(), location: z.string()}),
  configuration: z.looseObject({}),
  status: z.object({
    state: z.literal('DONE'),
    errorResult: z.looseObject({reason: z.string(), message: z.string()}).optional(),
  }),
  statistics: z.looseObject({query: z.looseObject({numDmlAffectedRows: z.string().optional()})}),
})
/** Source: BigQuery REST reference, Job. */
export type JobResource = z.infer<typeof jobSchema>

export type Jobs = {
  /** @throws BigQueryRefusal 409 for an id that was used before, even by a job that failed. */
  readonly insert: (
    statement: Statement,
    options: {
      jobId?: string | undefined
      location?: string | undefined
      configuration: Record<string, unknown>
      dryRun: boolean
    },
  ) => Promise<{job: JobResource; result: WireResult; failure?: BigQueryRefusal}>
  readonly get: (jobId: string) => Promise<{job: JobResource; result: WireResult}>
}

/** Results of this many jobs are kept for `getQueryResults`. */
const maxResults = 1000
const nothing: WireResult = {schema: {fields: []}, rows: []}

/** Jobs run at once and in turn; their registry is a table of the same database, so that an id is consumed or isn't. */
export async function openJobs(
  database: Database,
  datasets: Datasets,
  options: {
    readonly projectId: string
    readonly now: () => Date
    readonly onAccepted?: ((statement: AcceptedStatement) => void) | undefined
  },
): Promise<Jobs> {
  const {projectId, now, onAccepted} = options
  await database.run('CREATE TABLE IF NOT EXISTS sandbox.jobs (id VARCHAR PRIMARY KEY, resource VARCHAR)')
  /** The newest jobs; older ones are in the registry, those that were given an id, or forgotten. */
  const newest = new Map<string, JobResource>()
  const results = new Map<string, WireResult>()
  /** Jobs that are being executed: their ids are taken, though the registry does not hold them yet. */
  const running = new Map<string, Promise<void>>()

  async function find(jobId: string): Promise<JobResource | undefined> {
    const job = newest.get(jobId)
    if (job !== undefined) return job
    const saved = await database.run('SELECT resource FROM sandbox.jobs WHERE id = $id', {id: jobId})
    const resource = saved.getRows()[0]?.[0]
    return resource === undefined ? undefined : jobSchema.parse(JSON.parse(String(resource)))
  }

  const prepare = (statement: Statement) => prepareStatement(statement, {datasets, projectId, onAccepted})

  return {
    async insert(statement, {jobId: givenId, location = 'US', configuration, dryRun}) {
      const jobId = givenId ?? `job_${randomUUID()}`
      // An id that was made up here can't be used twice: a command that waits makes ten a second.
      const register = givenId === undefined ? async () => {} : registerJob
      const job = (statistics: Record<string, unknown>, failure?: BigQueryRefusal): JobResource => {
        const at = String(now().getTime())
        return {
          kind: 'bigquery#job',
          id: `${projectId}:${location}.${jobId}`,
          jobReference: {projectId, jobId, location},
          configuration,
          status: {
            state: 'DONE',
            ...(failure === undefined ? {} : {errorResult: {reason: failure.reason, message: failure.message}}),
          },
          statistics: {creationTime: at, startTime: at, endTime: at, query: statistics},
        }
      }
      if (dryRun) {
        const {statementType, table, read, sql, values} = await prepare(statement)
        await database.run(`EXPLAIN ${sql}`, values).catch(error => {
          throw toRefusal(error)
        })
        const bytes = String(table === undefined ? 0 : await estimateBytes(database, table, read))
        const resource = job({statementType, totalBytesProcessed: bytes})
        return {job: {...resource, statistics: {...resource.statistics, totalBytesProcessed: bytes}}, result: nothing}
      }
      // A client that is refused can read the job that has the id, so there must be one.
      await running.get(jobId)
      if (givenId !== undefined && (await find(jobId)) !== undefined) {
        throw new BigQueryRefusal(409, 'duplicate', `Already Exists: Job ${projectId}:${location}.${jobId}`)
      }
      const ended = Promise.withResolvers<void>()
      running.set(jobId, ended.promise)
      try {
        const {resource, result, changedTable} = await database.transaction(async run => {
          const {statementType, table, sql, values} = await prepare(statement)
          const reader = await run(sql, values)
          const isDml = statementType !== 'SELECT'
          const changed = String(isDml ? Number(reader.getRows()[0]?.[0] ?? 0) : 0)
          const dmlStats = statementType === 'INSERT' ? {insertedRowCount: changed} : {deletedRowCount: changed}
          const resource = job({
            statementType,
            totalBytesProcessed: '0',
            ...(isDml ? {numDmlAffectedRows: changed, dmlStats} : {}),
          })
          await register(run, resource)
          return {
            resource,
            result: isDml ? nothing : toWireResult(reader),
            changedTable: isDml ? table?.name : undefined,
          }
        })
        // Once it can be read: before, a reader finds neither the rows nor a change.
        if (changedTable !== undefined) datasets.touch(`${changedTable.dataset}.${changedTable.table}`)
        remember(resource, result)
        return {job: resource, result}
      } catch (error) {
        const failure = toRefusal(error)
        const resource = job({}, failure)
        await register(database.run, resource)
        remember(resource, nothing)
        return {job: resource, result: nothing, failure}
      } finally {
        running.delete(jobId)
        ended.resolve()
      }
    },
    async get(jobId) {
      const job = await find(jobId)
      if (job === undefined) throw new BigQueryRefusal(404, 'notFound', `Not found: Job ${projectId}:${jobId}`)
      return {job, result: results.get(jobId) ?? nothing}
    },
  }

  function remember(job: JobResource, result: WireResult): void {
    const {jobId} = job.jobReference
    newest.set(jobId, job)
    results.set(jobId, result)
    const [oldest] = results.keys()
    if (results.size <= maxResults || oldest === undefined) return
    results.delete(oldest)
    newest.delete(oldest)
  }
}

async function registerJob(run: Database['run'], job: JobResource): Promise<void> {
  await run('INSERT INTO sandbox.jobs VALUES ($id, $resource)', {
    id: job.jobReference.jobId,
    resource: JSON.stringify(job),
  })
}

function toRefusal(error: unknown): BigQueryRefusal {
  if (error instanceof BigQueryRefusal) return error
  const message = error instanceof Error ? error.message : String(error)
  const required = /NOT NULL constraint failed: [^.]+\.(\w+)/.exec(message)?.[1]
  if (required !== undefined)
    return invalidQuery(`Required field ${required} cannot be null`, undefined, {cause: error})
  return invalidQuery(message.split('\n')[0] ?? message, undefined, {cause: error})
}
