import * as z from 'zod'
import {RejectedError} from '../errors/rejected-error.ts'
import {longTimeoutSeconds} from '../http/long-timeout.ts'
import type {CreateOperations} from './operation.ts'

const quotaSchema = z.object({
  success: z.boolean(),
  orgs_processed: z.number(),
  orgs_created: z.number(),
  orgs_skipped: z.number(),
  message: z.string(),
})
type QuotaResult = z.infer<typeof quotaSchema>

/** Upkeep of quotas. None is sent again by itself where the one before may still be going on inside the API. */
type QuotaOperations = {
  /**
   * Creates today's record for each active organization that has none (`orgs_created`), 1 to 3 s each. The API looks once,
   * at the beginning, at who has one: a call that begins while another goes on creates records twice.
   */
  readonly resetDailyQuotas: () => Promise<QuotaResult>
  /**
   * Sets the month's count to 0 in every record of today: `orgs_processed` is how many, the other two are always 0. On any
   * day but the 1st (UTC) the API does nothing, and answers as if all were well.
   */
  readonly resetMonthlyQuotas: () => Promise<QuotaResult>
  /** `orgs_processed` (and `orgs_created`): organizations whose counters it fixed. */
  readonly cleanUpStaleCounters: () => Promise<QuotaResult>
}

declare module './admin-api.ts' {
  interface AdminApi extends QuotaOperations {}
}

/** Where the running service has the routes, and where its documents have them. */
const servedFolder = '/api/v1/quota'
const documentedFolder = '/api/v1/admin/quota'

const createQuotaOperations = ((call, {log}): QuotaOperations => {
  let folder = servedFolder

  const send = (name: string, route: string, isIdempotent: boolean) =>
    call({
      name,
      method: 'POST',
      path: `${folder}/${route}`,
      timeoutSeconds: longTimeoutSeconds,
      isIdempotent,
      answer: quotaSchema,
    })

  async function sendWhereItIs(name: string, route: string, isIdempotent: boolean): Promise<QuotaResult> {
    try {
      return await send(name, route, isIdempotent)
    } catch (error) {
      if (folder !== servedFolder || !isRouteAbsent(error)) throw error
    }
    folder = documentedFolder
    log.info(`this release of the admin API has no ${servedFolder}: using ${documentedFolder}`)
    return send(name, route, isIdempotent)
  }

  return {
    resetDailyQuotas: () => sendWhereItIs('daily quota reset', 'reset-daily', false),
    resetMonthlyQuotas: () => sendWhereItIs('monthly quota reset', 'reset-monthly', false),
    // It counts what really runs: a second call beside the first finds the same.
    cleanUpStaleCounters: () => sendWhereItIs('clean-up of stale counters', 'cleanup-stale', true),
  }
}) satisfies CreateOperations
export default createQuotaOperations

/** FastAPI's words for a path that it doesn't know; a 404 of an operation has words of its own. */
function isRouteAbsent(error: unknown): boolean {
  return error instanceof RejectedError && error.status === 404 && error.detail === 'Not Found'
}
