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
import {hasSecondTry, type SyncTask} from './tally.ts'
import type {TallyStore} from './tally-store.ts'

export type SyncServices = {
  readonly api: Pick<OrganizationOperations, 'syncOrganization'>
  readonly log: Log
  readonly windDown: AbortSignal
  readonly tally: TallyStore
  readonly now: () => Date
  /** Somebody asked for it by name: that it is gone, or not active, is a mistake which they should see. */
  readonly isRequested: boolean
}

/**
 * Syncs one organization and enters what came of it.
 *
 * @returns what speaks against going on with others in this part; undefined if nothing does.
 * @throws RejectedError where the refusal is meant for all: the key, or a route that isn't there.
 */
export async function syncOne(
  {api, log, windDown, tally, now, isRequested}: SyncServices,
  task: SyncTask,
  slowDown: SlowDown,
): Promise<UnavailableError | InterruptedError | undefined> {
  const {orgSlug} = task
  const name = toPrintableLine(orgSlug, 60)
  const fail = (reason: string) => {
    tally.dispatch({type: 'failed', task, reason})
    log.warn(`${name} failed${hasSecondTry(task) ? ', to be tried once more' : ''}: ${reason}`)
    return undefined
  }
  if (!orgSlugPattern.test(orgSlug)) return fail('the list has it under a name that is against the contract')
  const startedAt = now()
  try {
    // Each try that fails in a way that may pass says the same: fewer at a time.
    const result = await api.syncOrganization(orgSlug, {onUnavailable: slowDown})
    // PARTIAL comes with HTTP 200, and so might errors beside a SUCCESS.
    if (result.status === 'PARTIAL' || result.errors.length > 0) return fail(partialReason(result))
    tally.dispatch({type: 'synced', result})
    return undefined
  } catch (error) {
    const reason = toMessageText(error)
    if (error instanceof ContractError) return fail(reason)
    if (error instanceof RejectedError) {
      if (isMeantForAll(error)) throw error
      const isGone = error.status === 404 || error.status === 400
      // Listed as active, and not any more.
      if (!isGone || isRequested) return fail(reason)
      log.info(`${name} was skipped: ${error.detail}`)
      tally.dispatch({type: 'skipped'})
      return undefined
    }
    if (!(error instanceof UnavailableError || error instanceof InterruptedError)) throw error
    if (error.mayHaveExecuted && !isAnswer(error)) {
      log.warn(
        `${name} was cut off${task.wasInterrupted ? ' again' : ", to be retried when the API can't be working on it any more"}: ${reason}`,
      )
      tally.dispatch({type: 'interrupt', task, reason, startedAt})
      // Where the time is nearly up, no answer within what was left of it says nothing of the API.
      return error instanceof InterruptedError || windDown.aborted ? error : undefined
    }
    // Maintenance, or a rate limit that outlasts the client's patience: that meets everybody else as well.
    const isForAll = error instanceof InterruptedError || error.status === 429 || error.status === 503
    if (error.mayHaveExecuted || !isForAll) return fail(reason)
    tally.dispatch({type: 'requeue', task})
    return error
  }
}

/** Whether the API itself said how it ended. Cloud Run's 502 and 504 don't: the work inside may go on. */
function isAnswer(error: UnavailableError | InterruptedError): boolean {
  if (error instanceof InterruptedError || error.status === undefined) return false
  return error.status !== 502 && error.status !== 504
}

function partialReason({errors, message}: OrganizationSyncResult): string {
  return errors.length === 0 ? message : `${errors.slice(0, 3).join('; ')}${errors.length > 3 ? '; …' : ''}`
}

function isMeantForAll({status, detail}: RejectedError): boolean {
  return status === 401 || status === 403 || (status === 404 && detail === 'Not Found')
}
