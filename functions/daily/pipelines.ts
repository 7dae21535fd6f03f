import * as z from 'zod'
import {mayGoOnInside} from '../../lib/admin-api/cut-off.ts'
import {orgSlugPattern} from '../../lib/admin-api/organization-operations.ts'
import {pipelineCategories} from '../../lib/admin-api/pipeline-operations.ts'
import {InterruptedError} from '../../lib/errors/interrupted-error.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {defineJob} from '../../lib/job/job.ts'
import type {JobContext} from '../../lib/job/job-context.ts'
import {continued, failed, type Outcome} from '../../lib/job/outcome.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {type Call, findBatch} from '../../lib/pipelines/find-batch.ts'
import {toPipelinesOutcome} from '../../lib/pipelines/outcome.ts'

/*
 * Has the API trigger the cost pipelines of all active organizations, for the day before the run's slot, so that the
 * alerts find yesterday's costs.
 *
 * Not idempotent: each call triggers every pipeline again. So there is one call a run. It may outlive the request: then
 * further parts only look for the row that the API writes when the call ends, for up to 4 hours. A dry run triggers
 * nothing and may be repeated.
 */
const args = z.strictObject({
  orgSlug: z
    .string()
    .regex(orgSlugPattern, 'must be 3 to 50 of a-z, 0-9 and _')
    .optional()
    .describe('only the pipelines of this organization; all active ones if absent'),
  categories: z
    .array(z.enum(pipelineCategories))
    .min(1)
    .optional()
    .describe('only pipelines of these categories; all if absent'),
  providers: z
    .array(z.string().regex(/^[A-Z][A-Z0-9_]{1,49}$/, 'must be a provider as the API names it: GCP_SA, OPENAI'))
    .min(1)
    .max(50)
    .optional()
    .describe('only pipelines of these providers (GCP_SA, AWS_ROLE, OPENAI, …); all if absent'),
  date: z.iso.date().optional().describe('the day of the costs (UTC), 2026-11-25; the day before the run if absent'),
  dryRun: z.boolean().default(false).describe('reports which pipelines would run, and triggers none'),
  calledAt: z.iso.datetime().optional().describe('set by the job itself, when it goes on as another message'),
})
type Context = JobContext<z.output<typeof args>>

export default defineJob({
  summary: 'Triggers the cost pipelines of every active organization.',
  context: 'OpenClaw running cost pipelines for all orgs',
  schedule: '0 6 * * *',
  missed: 'each',
  shortcuts: ['pipelines', 'daily-pipelines'],
  idempotent: args => args.dryRun,
  readOnly: args => args.dryRun,
  manualCheck:
    'Check organizations.org_meta_pipeline_batch_runs for a row with this run_date and org_slug (ALL where none was named) ' +
    'whose triggered_at, the end of the call, lies after the run began: if there is one, its counts are the outcome. If there ' +
    'is none, check organizations.org_meta_pipeline_runs for pipelines of that time; only if none ran, replay with --force.',
  sandboxCheck:
    'Check whether organizations.org_meta_pipeline_batch_runs has got a row: npm run sandbox -- tables. If it has, the ' +
    'pipelines ran; only if it has not, replay with --force.',
  args,
  secrets: ['CA_ROOT_API_KEY'],
  continues: true,
  reads: ['organizations.org_meta_pipeline_batch_runs'],
  async run(context) {
    const {args, slot, now, log} = context
    const date = args.date ?? dayBefore(slot ?? now())
    if (date > toDay(now())) return failed(`the costs of ${date} are not there yet: that day is in the future (UTC)`)
    if (args.calledAt !== undefined) return lookForEnd(context, date, new Date(args.calledAt))

    const calledAt = now()
    try {
      const {orgSlug, categories, providers, dryRun} = args
      const result = await context.api.runPipelines({orgSlug, categories, providers, date, dryRun})
      log.info(`the API's answer: ${result.message}`, {batchRunId: result.batch_run_id})
      if (!result.success) return failed(`the API could not run the pipelines: ${result.message}`)
      return toOutcome(context, date, result)
    } catch (error) {
      if (args.dryRun) throw error
      // The instance is told to stop while the API works: the next part looks.
      if (error instanceof InterruptedError && error.mayHaveExecuted) return goOn(context, date, calledAt)
      if (!mayGoOnInside(error)) throw error
      log.info(`${toMessageText(error)}; looking for its end, since it may go on inside the API`)
    }
    return lookForEnd(context, date, calledAt)
  },
})

async function lookForEnd(context: Context, date: string, calledAt: Date): Promise<Outcome> {
  const {args} = context
  const call: Call = {orgSlug: args.orgSlug, date, calledAt}
  const found = await findBatch(context, call)
  if (found.kind === 'batch') return toOutcome(context, date, found.batch)
  if (found.kind === 'unknown') {
    throw new UnavailableError(`the run over the pipelines of ${date} was cut off, and ${found.reason}`, {
      mayHaveExecuted: true,
    })
  }
  return goOn(context, date, calledAt)
}

function goOn({args, part}: Context, date: string, calledAt: Date): Outcome {
  const summary = `the pipelines of ${date} still run inside the API, since ${calledAt.toISOString()}; part ${part + 1} looks for their end`
  return continued(summary, {...args, date, calledAt: calledAt.toISOString()})
}

function toOutcome(
  {args, environment}: Context,
  date: string,
  report: Parameters<typeof toPipelinesOutcome>[0],
): Outcome {
  return toPipelinesOutcome(report, {
    projectId: environment.projectId,
    date,
    dryRun: args.dryRun,
    isFiltered: args.categories !== undefined || args.providers !== undefined,
  })
}

function dayBefore(moment: Date): string {
  return toDay(new Date(moment.getTime() - 86_400_000))
}

/** In UTC: `2026-11-23`. */
function toDay(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}
