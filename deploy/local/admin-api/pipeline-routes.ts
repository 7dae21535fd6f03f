import {randomUUID} from 'node:crypto'
import * as z from 'zod'
import {findActive} from './active-organizations.ts'
import {Refusal} from './refusal.ts'
import {parseBody} from './request-input.ts'
import type {Call, CreateRoutes} from './route.ts'
import {orgSlugSchema, pipelineProviders} from './state/organization.ts'

const runBody = z.strictObject({
  org_slug: orgSlugSchema.optional(),
  categories: z.array(z.enum(['cloud', 'genai'])).optional(),
  providers: z.array(z.string()).optional(),
  date: z.iso.date().optional(),
  dry_run: z.boolean(),
})
type RunBody = z.infer<typeof runBody>

const resultsShown = 100
const errorsShown = 20

/**
 * The run over all cost pipelines: one call to another service for each integration. Its only trace that outlives the
 * call is a row in `org_meta_pipeline_batch_runs`, written when the call ends.
 */
const createPipelineRoutes: CreateRoutes = services => {
  const {organizations, requestRecorder, now} = services
  return [
    {
      operation: 'run-pipelines',
      method: 'POST',
      path: '/api/v1/admin/pipelines/run-all',
      prepare({request}) {
        const body = parseBody(runBody, request)
        return {...(body.org_slug === undefined ? {} : {orgSlug: body.org_slug}), work: call => runAll(body, call)}
      },
    },
  ]

  async function runAll(body: RunBody, call: Call) {
    const startedAt = now().getTime()
    const date = body.date ?? new Date(startedAt - 86_400_000).toISOString().slice(0, 10)
    const results: object[] = []
    const errors: object[] = []
    const sums = {processed: 0, skipped: 0, triggered: 0, failed: 0, quota: 0, integrations: 0}

    for (const {profile, state} of findActive(organizations, body.org_slug)) {
      const orgSlug = profile.org_slug
      const integrations = matching(body, state.integrations ?? [])
      if (integrations.length === 0) {
        sums.skipped += 1
        continue
      }
      sums.integrations += integrations.length
      if (state.endsPipelineRun === true) throw new Refusal(500, `Pipeline run-all failed: ${orgSlug}`)
      const failure = organizations.takeFailure(orgSlug)
      if (failure !== undefined) {
        sums.skipped += 1
        errors.push({org_slug: orgSlug, error: failure})
        continue
      }
      for (const {provider, path, outcome} of integrations) {
        await call.pause(services.secondsFor(orgSlug))
        const result = {org_slug: orgSlug, provider, pipeline_path: path, date}
        if (body.dry_run) {
          sums.triggered += 1
          results.push({...result, status: 'dry_run'})
        } else if (outcome === 'triggered') {
          sums.triggered += 1
          requestRecorder.triggered({at: now().toISOString(), orgSlug, provider, date, requestId: call.requestId})
          call.changed()
          results.push({...result, status: 'triggered'})
        } else if (outcome === 'quota_exceeded') {
          sums.quota += 1
          results.push({...result, status: outcome})
        } else {
          sums.failed += 1
          const answered = outcome === 'failed' ? {http_status: 500, detail: 'Pipeline could not start'} : {}
          results.push({...result, status: outcome, detail: 'All connection attempts failed', ...answered})
        }
      }
      sums.processed += 1
    }

    const elapsedSeconds = (now().getTime() - startedAt) / 1000
    const batch = {
      batchRunId: randomUUID(),
      orgSlug: body.org_slug ?? 'ALL',
      runDate: date,
      dryRun: body.dry_run,
      orgsProcessed: sums.processed,
      orgsSkipped: sums.skipped,
      pipelinesTriggered: sums.triggered,
      pipelinesFailed: sums.failed,
      pipelinesSkippedQuota: sums.quota,
      totalIntegrations: sums.integrations,
      results: results.slice(0, resultsShown),
      errors: errors.slice(0, errorsShown),
      elapsedSeconds,
      triggeredAt: now(),
    }
    await services.bigQuery.batchEnded(batch)
    return {
      success: true,
      batch_run_id: batch.batchRunId,
      orgs_processed: sums.processed,
      orgs_skipped: sums.skipped,
      pipelines_triggered: sums.triggered,
      pipelines_failed: sums.failed,
      pipelines_skipped_quota: sums.quota,
      total_integrations: sums.integrations,
      results: batch.results,
      errors: batch.errors,
      message: `Pipeline run-all${body.dry_run ? ' (DRY RUN)' : ''}: ${sums.processed} orgs processed, ${sums.skipped} skipped, ${sums.triggered} triggered, ${sums.failed} failed, ${sums.quota} quota-skipped in ${elapsedSeconds}s`,
      elapsed_seconds: elapsedSeconds,
    }
  }
}
export default createPipelineRoutes

type Integration = {readonly provider: string; readonly outcome?: string | undefined}

/** Integrations that have a pipeline and pass the request's filters. */
function matching({categories, providers}: RunBody, integrations: readonly Integration[]) {
  return integrations.flatMap(({provider, outcome = 'triggered'}) => {
    const pipeline = Object.entries(pipelineProviders).find(([name]) => name === provider)?.[1]
    if (pipeline === undefined) return []
    // An empty list filters nothing.
    if (categories?.length && !categories.includes(pipeline.category)) return []
    if (providers?.length && !providers.includes(provider)) return []
    return [{provider, path: pipeline.path, outcome}]
  })
}
