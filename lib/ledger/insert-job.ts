import type {BigQuery, Job as BigQueryJob, Query} from '@google-cloud/bigquery'
import * as z from 'zod'
import {bigQueryErrorOf} from '../bigquery/bigquery-error.ts'

/** What became of a BigQuery job whose id only one of many can have. */
export type Insertion =
  /** BigQuery has taken the job; it may still fail. */
  | {readonly kind: 'accepted'; readonly isWritten: () => Promise<boolean>}
  /** Another writer's job has the id, since `at`. */
  | {readonly kind: 'taken'; readonly at: Date}
  /** The job with this id failed in a way that may pass, and nothing was written: only another id helps. */
  | {readonly kind: 'consumed'}

const metadataSchema = z.object({
  configuration: z.object({labels: z.record(z.string(), z.string()).default({})}),
  statistics: z.object({creationTime: z.coerce.number()}),
  status: z.object({
    state: z.string(),
    errorResult: z.object({reason: z.string().optional(), message: z.string().optional()}).optional(),
  }),
})

/**
 * Sends a statement as a job with an id of its own. BigQuery refuses a second job with the same id (409).
 *
 * @param writer distinguishes this writer's job from another's when the answer to a request that came through was lost.
 */
export async function insertJob(
  bigQuery: BigQuery,
  query: Query & {readonly jobId: string; readonly location: string},
  writer: string,
): Promise<Insertion> {
  const job = bigQuery.job(query.jobId, {location: query.location})
  try {
    await bigQuery.createQueryJob({...query, labels: {writer}})
  } catch (error) {
    const {status, reason, retriable} = bigQueryErrorOf(error)
    // A job that failed before the answer left: there is no status of a request, but a reason.
    if (status === undefined && reason !== undefined && retriable) return {kind: 'consumed'}
    if (status !== 409) throw error
    const metadata = await readJob(job)
    if (metadata.status.errorResult !== undefined) return {kind: 'consumed'}
    if (metadata.configuration.labels['writer'] !== writer) {
      return {kind: 'taken', at: new Date(metadata.statistics.creationTime)}
    }
  }
  return {kind: 'accepted', isWritten: () => isDone(job)}
}

/** Waits for the job's end. @returns false if it failed in a way that may pass, and with that used up its id. */
async function isDone(job: BigQueryJob): Promise<boolean> {
  try {
    await job.getQueryResults({maxResults: 0})
    return true
  } catch (error) {
    const {state, errorResult} = (await readJob(job)).status
    if (state !== 'DONE') throw error
    if (errorResult === undefined) return true
    if (bigQueryErrorOf({errors: [errorResult]}).retriable) return false
    throw error
  }
}

async function readJob(job: BigQueryJob) {
  const [metadata] = await job.getMetadata()
  return metadataSchema.parse(metadata)
}
