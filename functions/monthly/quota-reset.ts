import * as z from 'zod'
import {InterruptedError} from '../../lib/errors/interrupted-error.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import {defineJob} from '../../lib/job/job.ts'
import type {JobContext} from '../../lib/job/job-context.ts'
import {continued, degraded, failed, type Outcome, skipped, succeeded} from '../../lib/job/outcome.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {plural} from '../../lib/log/plural.ts'
import {ensureTodaysRecords} from '../../lib/quota-reset/todays-records.ts'

/*
 * Opens the month for quotas: the API sets the month's count to 0 in every record of today. An organization without one
 * would keep last month's count, so this job first makes sure that each active organization has one.
 *
 * Not idempotent: a second reset wipes what was counted since the first. It harms nobody before the day's first pipeline
 * run, and once there was one, this job refuses. The API resets on the 1st (UTC) only and answers on any other day as if
 * all were well, so the job doesn't even ask then; a scheduled run that comes too late fails: its month wasn't reset.
 */
const args = z.strictObject({})
type Context = JobContext<z.output<typeof args>>

export default defineJob({
  summary: 'Resets the monthly quota counters of every active organization, on the 1st of the month.',
  context: 'OpenClaw maintaining quota system health',
  schedule: '5 0 1 * *',
  missed: 'today',
  shortcuts: ['quota-monthly', 'quota-reset-monthly'],
  idempotent: false,
  manualCheck:
    'Check pipelines_run_month in the records of the 1st in organizations.org_usage_quotas: if they are 0, the month was ' +
    'reset, and nothing is left to do. If not, replay with --force on the 1st (UTC): it refuses by itself once a pipeline ran.',
  sandboxCheck:
    'Check whether the admin API answered the monthly reset with 200: npm run sandbox -- requests. It knows those since the ' +
    'sandbox started. If it did, nothing is left to do; if not, replay with --force on the 1st (UTC).',
  args,
  secrets: ['CA_ROOT_API_KEY'],
  continues: true,
  reads: ['organizations.org_usage_quotas', 'organizations.org_meta_pipeline_batch_runs'],
  async run(context) {
    const {slot, now, part} = context
    const today = toDay(now())
    if (slot !== undefined && toDay(slot) !== today) return notReset(toMonth(slot), today)
    if (!today.endsWith('-01')) return skipped(`today is ${today}: the API resets only on the 1st (UTC), nothing done`)
    const records = await beforeReset(() => ensureTodaysRecords(context))
    if (!records.isComplete) {
      const {active, withRecord} = records
      const summary = `${withRecord} of ${plural(active, 'organization')} have a record of today; part ${part + 1} goes on, then resets`
      return continued(summary, {}, {orgsActive: active, orgsWithRecord: withRecord})
    }
    const pipelineRan = await beforeReset(() => context.pipelineBatches.firstEndedSince(new Date(today)))
    if (pipelineRan instanceof Date) return tooLate(today, pipelineRan)
    return reset(context, today, records.active)
  },
})

async function reset(context: Context, today: string, active: number): Promise<Outcome> {
  const {api, log, now} = context
  let orgsReset: number
  try {
    const {success, message, orgs_processed} = await api.resetMonthlyQuotas()
    log.info(`the API's answer: ${message}`)
    if (!success) return failed(`the API could not reset the monthly quotas: ${message}`)
    if (orgs_processed === 0 && toDay(now()) !== today) return notReset(toMonth(new Date(today)), toDay(now()))
    orgsReset = orgs_processed
  } catch (error) {
    orgsReset = await findReset(context, today, error)
  }
  const counts = {orgsActive: active, orgsReset}
  if (orgsReset < active) {
    return degraded(
      `${plural(orgsReset, 'organization')} reset for ${today.slice(0, 7)}, but ${active} ${active === 1 ? 'is' : 'are'} active: those without a record of today ` +
        'keep the count of last month; check pipelines_run_month in organizations.org_usage_quotas',
      counts,
    )
  }
  return succeeded(
    `${plural(orgsReset, 'organization')} reset for ${today.slice(0, 7)}, ${active} ${active === 1 ? 'is' : 'are'} active`,
    counts,
  )
}

/**
 * The answer was lost, but the reset is one statement: either every record of today is at 0, or none was touched.
 *
 * @throws the error itself if the table doesn't show it.
 */
async function findReset({quotaTable, log}: Context, today: string, error: unknown): Promise<number> {
  const isUnclear = error instanceof UnavailableError && error.mayHaveExecuted
  if (!isUnclear) throw error
  const day = await quotaTable.countDay(today).catch(() => undefined)
  if (day === undefined || day.organizations === 0 || day.withMonth > 0) throw error
  log.info(`${toMessageText(error)}; but every record of ${today} is at 0: it was reset`)
  return day.organizations
}

/** Whatever fails before the reset is sent can be tried again, though the job as a whole can't. */
async function beforeReset<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof UnavailableError) {
      throw new UnavailableError(error.message, {mayHaveExecuted: false, status: error.status}, {cause: error})
    }
    if (error instanceof InterruptedError) {
      throw new InterruptedError(error.message, {mayHaveExecuted: false, cause: error})
    }
    throw error
  }
}

function tooLate(today: string, pipelineRan: Date): Outcome {
  return failed(
    `not reset: pipelines ran already at ${pipelineRan.toISOString()}, and a reset now would wipe what they counted. ` +
      `Check whether the month was reset before: pipelines_run_month in the records of ${today} in ` +
      'organizations.org_usage_quotas; if not, subtract the count of last month there by hand',
  )
}

function notReset(month: string, today: string): Outcome {
  return failed(
    `the monthly quotas of ${month} were not reset by this run: today is ${today}, and the API resets only on the 1st (UTC) ` +
      'for the month that begins. No replay fixes it: check whether an earlier run did it, else have pipelines_run_month in ' +
      'organizations.org_usage_quotas set to 0 by hand',
  )
}

/** In UTC: `2026-11-23`. */
function toDay(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}

/** In UTC: `2026-11`. */
function toMonth(moment: Date): string {
  return moment.toISOString().slice(0, 7)
}
