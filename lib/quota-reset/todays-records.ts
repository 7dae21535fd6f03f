import timers from 'node:timers/promises'
import type {AdminApi} from '../admin-api/admin-api.ts'
import {mayGoOnInside} from '../admin-api/cut-off.ts'
import type {QuotaTable} from '../bigquery/quota-table.ts'
import type {Environment} from '../environment/environment.ts'
import {RejectedError} from '../errors/rejected-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import type {Counts} from '../job/outcome.ts'
import {toMessageText} from '../log/error-text.ts'
import type {Log} from '../log/log.ts'
import {plural} from '../log/plural.ts'

type Context = {
  readonly api: Pick<AdminApi, 'resetDailyQuotas' | 'countActiveOrganizations'>
  readonly quotaTable: Pick<QuotaTable, 'countDay'>
  readonly log: Log
  readonly windDown: AbortSignal
  readonly now: () => Date
  readonly progress: (counts: Counts) => void
  readonly environment: Pick<Environment, 'jobTimeoutSeconds'>
}

/** How long the records are watched. Times are in seconds. */
export type WatchTimes = {
  /** Between two looks. */
  readonly look: number
  /** Without a new record for this long, no call goes on inside the API: it needs 1 to 3 s for each. */
  readonly still: number
}
const watchTimes: WatchTimes = {look: 10, still: 60}
/** A part's whole time; where it is shortened (tests, the sandbox), the times shrink in proportion. */
const partSeconds = 510

function watchTimesFor({environment}: Context): WatchTimes {
  const scale = Math.min(1, (environment.jobTimeoutSeconds ?? partSeconds) / partSeconds)
  return {look: watchTimes.look * scale, still: watchTimes.still * scale}
}

type TodaysRecords =
  | {
      readonly isComplete: true
      /** Active organizations, as the API counted them. */
      readonly active: number
      readonly created: number
      readonly message: string
    }
  | {readonly isComplete: false; readonly active: number; readonly withRecord: number; readonly created: number}

/**
 * Has the API create today's quota record for each active organization that has none. A call that is cut off goes on
 * inside the API, and a second one beside it would create the same records again: so the records are watched, and the
 * next call comes when they have stopped growing. That holds for a call of an earlier attempt, too.
 *
 * @returns incomplete when the job's time is nearly up: the next part looks first, as every part does.
 */
export async function ensureTodaysRecords(context: Context, times = watchTimesFor(context)): Promise<TodaysRecords> {
  const {api, log, windDown, now, progress} = context
  const day = now().toISOString().slice(0, 10)
  const active = await api.countActiveOrganizations()
  const first = await look(context, day)
  let withRecord = first
  let stillSince = now().getTime()
  // Nothing there yet, or everything: no call goes on. In between, one of an earlier attempt may.
  let mayCall = first === undefined || first === 0 || first >= active
  if (!mayCall)
    log.info(`${first} of ${plural(active, 'organization')} have a record of ${day}: watching whether more come`)

  for (;;) {
    const created = (withRecord ?? 0) - (first ?? 0)
    if (mayCall) {
      const result = await callOnce(context, withRecord !== undefined)
      if (result !== undefined) {
        return {
          isComplete: true,
          active: result.orgs_processed,
          created: created + result.orgs_created,
          message: result.message,
        }
      }
      stillSince = now().getTime()
      mayCall = false
    }
    await timers.setTimeout(times.look * 1000, undefined, {signal: windDown}).catch(() => undefined)
    if (windDown.aborted) return {isComplete: false, active, withRecord: withRecord ?? 0, created}
    const count = await look(context, day)
    if (count === undefined) throw new UnavailableError(`the quota records of ${day} can't be watched`, lost)
    if (count !== withRecord) {
      withRecord = count
      stillSince = now().getTime()
      progress({orgsActive: active, orgsWithRecord: count})
    }
    mayCall = now().getTime() - stillSince >= times.still * 1000
  }
}

const lost = {mayHaveExecuted: true}

/** @returns undefined if the call was cut off and can be watched. */
async function callOnce({api, log}: Context, canWatch: boolean) {
  try {
    const result = await api.resetDailyQuotas()
    log.info(`the API's answer: ${result.message}`)
    return result
  } catch (error) {
    if (!canWatch || !mayGoOnInside(error)) throw error
    log.info(`${toMessageText(error)}; watching the records, since it may go on inside the API`)
    return undefined
  }
}

/** How many organizations have a record; undefined where the table can't be read, which is no reason not to reset. */
async function look({quotaTable, log}: Context, day: string): Promise<number | undefined> {
  try {
    return (await quotaTable.countDay(day))?.organizations
  } catch (error) {
    if (!(error instanceof UnavailableError || error instanceof RejectedError)) throw error
    log.warn(`the quota records can't be counted: ${toMessageText(error)}`)
    return undefined
  }
}
