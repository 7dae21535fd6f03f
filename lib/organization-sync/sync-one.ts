import {
  type OrganizationOperations,
  type OrganizationSyncResult,
  orgSlugPattern,
} from '../admin-api/organization-operations.ts'
import {ContractError} from '../errors/contract-error.ts'
import {InterruptedError} from '../errors/interrupted-error.ts'
import {RejectedError} from '../errors/rejected-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'
import {toMessageText} from '../log/error-text.ts'
import type {Log} from '../log/log.ts'
import {toPrintableLine} from '../log/printable.ts'
import type {SlowDown} from './adaptive-pool.ts'
import type {SyncTally, SyncTask} from './tally.ts'

export type SyncServices = {
  readonly api: Pick<OrganizationOperations, 'syncOrganization'>
  readonly log: Log
  readonly windDown: AbortSignal
  readonly tally: SyncTally
  /** A person asked for it by name: that it is gone, or not active, is a mistake which the person should see. */
  readonly isNamed: boolean
}

/**
 * Syncs one organization and enters what came of it.
 *
 * @returns what speaks against going on with others in this part; undefined if nothing does.
 * @throws RejectedError where the refusal is meant for all: the key, or a route that isn't there.
 */
export async function syncOne(
  {api, log, windDown, tally, isNamed}: SyncServices,
  task: SyncTask,
  slowDown: SlowDown,
): Promise<UnavailableError | InterruptedError | undefined> {
  const {orgSlug} = task
  const fail = (reason: string) => {
    const isTriedAgain = tally.failed(task, reason)
    log.warn(`${toPrintableLine(orgSlug, 60)} failed${isTriedAgain ? ', to be tried once more' : ''}: ${reason}`)
    return undefined
  }
  if (!orgSlugPattern.test(orgSlug)) return fail('the list has it under a name that is against the contract')
  const onUnavailable = ({status}: UnavailableError) => void (status === 429 && slowDown())
  try {
    const result = await api.syncOrganization(orgSlug, {onUnavailable})
    // PARTIAL comes with HTTP 200, and so might errors beside a SUCCESS.
    if (result.status === 'PARTIAL' || result.errors.length > 0) return fail(partialReason(result))
    tally.synced(result)
    return undefined
  } catch (error) {
    const reason = toMessageText(error)
    if (error instanceof ContractError) return fail(reason)
    if (error instanceof RejectedError) {
      if (isMeantForAll(error)) throw error
      const isGone = error.status === 404 || error.status === 400
      // Listed as active, and not any more.
      if (!isGone || isNamed) return fail(reason)
      log.info(`${orgSlug} was skipped: ${error.detail}`)
      tally.skipped()
      return undefined
    }
    if (!(error instanceof UnavailableError || error instanceof InterruptedError)) throw error
    // A rate limit that outlasts the client's patience meets everybody else as well. And where the time is nearly up,
    // no answer within what was left of it says nothing of the organization.
    const isForNow = error instanceof InterruptedError || error.status === 429
    const isTimeUp = windDown.aborted && error instanceof UnavailableError && error.status === undefined
    if (!isForNow && !isTimeUp) return fail(reason)
    if (!error.mayHaveExecuted) tally.putBack(task)
    else tally.cutOff(task, reason)
    return error
  }
}

function partialReason({errors, message}: OrganizationSyncResult): string {
  return errors.length === 0 ? message : `${errors.slice(0, 3).join('; ')}${errors.length > 3 ? '; …' : ''}`
}

function isMeantForAll({status, detail}: RejectedError): boolean {
  return status === 401 || status === 403 || (status === 404 && detail === 'Not Found')
}
