import * as z from 'zod'
import {RejectedError} from '../errors/rejected-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import type {HttpService} from '../http/http-service.ts'
import {longTimeoutSeconds} from '../http/long-timeout.ts'
import type {Log} from '../log/log.ts'

const quotaSchema = z.object({
  success: z.boolean(),
  orgs_processed: z.number(),
  orgs_created: z.number(),
  orgs_skipped: z.number(),
  message: z.string(),
})
/** What the answering call did: what a call before it did, whose answer never came, is among the skipped here. */
type QuotaResult = z.infer<typeof quotaSchema>

/**
 * Upkeep of quotas, organization by organization. A call that the API cut off (it may need longer than a request lives)
 * is followed by another, which goes on where the first got to, until the deadline; then it throws UnavailableError or
 * InterruptedError.
 */
export type QuotaOperations = {
  /** `orgs_created`: records created for today. */
  readonly resetDailyQuotas: () => Promise<QuotaResult>
  /** On any day but the 1st (UTC) the API does nothing, and answers as if all were well. */
  readonly resetMonthlyQuotas: () => Promise<QuotaResult>
  /** `orgs_created`: organizations whose counters it fixed. */
  readonly cleanUpStaleCounters: () => Promise<QuotaResult>
}

/** Where the running service has the routes, and where its documents have them. */
const servedFolder = '/api/v1/quota'
const documentedFolder = '/api/v1/admin/quota'

/** With less left, another call would not get anywhere. */
const shortestCallMilliseconds = 1000

/** @param options.deadline no call begins after this moment. */
export function createQuotaOperations(
  call: HttpService,
  options: {readonly log: Log; readonly now: () => Date; readonly deadline: Date},
): QuotaOperations {
  const {log, now, deadline} = options
  let folder = servedFolder

  const send = (name: string, route: string) =>
    call({
      name,
      method: 'POST',
      path: `${folder}/${route}`,
      timeoutSeconds: longTimeoutSeconds,
      isIdempotent: true,
      answer: quotaSchema,
    })

  async function sendWhereItIs(name: string, route: string): Promise<QuotaResult> {
    try {
      return await send(name, route)
    } catch (error) {
      if (folder !== servedFolder || !isRouteAbsent(error)) throw error
    }
    folder = documentedFolder
    log.info(`this release of the admin API has no ${servedFolder}: using ${documentedFolder}`)
    return send(name, route)
  }

  async function untilAnswered(name: string, route: string): Promise<QuotaResult> {
    for (;;) {
      try {
        return await sendWhereItIs(name, route)
      } catch (error) {
        const milliseconds = deadline.getTime() - now().getTime()
        if (!isCutOff(error) || milliseconds < shortestCallMilliseconds) throw error
        log.info(`${name}: cut off again, another call goes on where it got to`, {
          secondsLeft: Math.round(milliseconds / 1000),
        })
      }
    }
  }

  return {
    resetDailyQuotas: () => untilAnswered('daily quota reset', 'reset-daily'),
    resetMonthlyQuotas: () => untilAnswered('monthly quota reset', 'reset-monthly'),
    cleanUpStaleCounters: () => untilAnswered('clean-up of stale counters', 'cleanup-stale'),
  }
}

/** FastAPI's words for a path that it doesn't know; a 404 of an operation has words of its own. */
function isRouteAbsent(error: unknown): boolean {
  return error instanceof RejectedError && error.status === 404 && error.detail === 'Not Found'
}

/**
 * A time-out of ours (no status) or of Cloud Run (504): the work got somewhere. The HTTP service has repeated it a few
 * times by then; any other failure is a failure after that.
 */
function isCutOff(error: unknown): boolean {
  if (!(error instanceof UnavailableError) || !error.mayHaveExecuted) return false
  return error.status === undefined || error.status === 504
}
