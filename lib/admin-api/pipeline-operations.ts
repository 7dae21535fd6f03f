import * as z from 'zod'
import {longTimeoutSeconds} from '../http/long-timeout.ts'
import type {CreateOperations} from './operation.ts'

export const pipelineCategories = ['cloud', 'genai'] as const

export const pipelineResultSchema = z.object({
  org_slug: z.string(),
  provider: z.string(),
  /** `triggered`, `dry_run`, `quota_exceeded`, `failed`, `error`, and what later releases add. */
  status: z.string(),
  http_status: z.number().optional(),
  detail: z.string().optional(),
})
export const pipelineErrorSchema = z.object({org_slug: z.string(), error: z.string()})

const countSchema = z.number().int().nonnegative()
const pipelinesSchema = z.object({
  success: z.boolean(),
  batch_run_id: z.string(),
  orgs_processed: countSchema,
  orgs_skipped: countSchema,
  pipelines_triggered: countSchema,
  pipelines_failed: countSchema,
  pipelines_skipped_quota: countSchema,
  total_integrations: countSchema,
  /** The first 100, however many there were. */
  results: z.array(pipelineResultSchema),
  /** The first 20. */
  errors: z.array(pipelineErrorSchema),
  message: z.string(),
})
export type PipelinesResult = z.infer<typeof pipelinesSchema>

type PipelinesRequest = {
  /** Absent: every active organization. */
  readonly orgSlug?: string | undefined
  /** Absent: all. */
  readonly categories?: readonly (typeof pipelineCategories)[number][] | undefined
  readonly providers?: readonly string[] | undefined
  /** `2026-11-25` */
  readonly date: string
  /** Reports what would run and triggers nothing. */
  readonly dryRun: boolean
}

type PipelineOperations = {
  /**
   * Triggers the cost pipelines of a day. Each call triggers them again. The API makes one call of up to 120 s for each
   * integration, so a run over all organizations may outlive the request: it then goes on inside.
   *
   * @throws RejectedError with status 404 if a named organization is unknown or not active.
   */
  readonly runPipelines: (request: PipelinesRequest) => Promise<PipelinesResult>
}

declare module './admin-api.ts' {
  interface AdminApi extends PipelineOperations {}
}

const createPipelineOperations = ((call): PipelineOperations => ({
  runPipelines: ({orgSlug, categories, providers, date, dryRun}) =>
    call({
      name: dryRun ? 'dry run of pipelines' : 'pipelines',
      method: 'POST',
      path: '/api/v1/admin/pipelines/run-all',
      json: {
        ...(orgSlug === undefined ? {} : {org_slug: orgSlug}),
        ...(categories === undefined ? {} : {categories}),
        ...(providers === undefined ? {} : {providers}),
        date,
        dry_run: dryRun,
      },
      timeoutSeconds: longTimeoutSeconds,
      isIdempotent: dryRun,
      answer: pipelinesSchema,
    }),
})) satisfies CreateOperations
export default createPipelineOperations
