import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import {toMessageText} from '../log/error-text.ts'
import {type Delivery, type DeliveryServices, toEntry} from './delivery.ts'

/** Name of the error by which an entry says that a dead letter is not needed any more. */
export const clearedErrorName = 'DeadLetterCleared'

/** Dead letters stay in Pub/Sub for 14 days. */
const retentionMilliseconds = 14 * 86_400_000

/**
 * Records that a run's success makes up for earlier runs of the job that failed. Their dead letters stay in Pub/Sub, since
 * no function may pull: the next command that reads dead letters acknowledges them.
 */
export async function clearSuperseded(
  services: DeliveryServices,
  delivery: Delivery,
  success: LedgerEntry,
): Promise<void> {
  const {job, ledger} = services
  try {
    const since = new Date(success.at.getTime() - retentionMilliseconds)
    const entries = await ledger.since(since, {job: job.name})
    const others = entries.filter(entry => entry.job === job.name && entry.runId !== success.runId)
    for (const failure of others.filter(entry => isOpen(entry, others))) {
      await ledger.record(toClearEntry(services, delivery, {failure, success}))
      delivery.log.info(
        `cleared dead letter ${failure.error?.deadLetterId} of ${failure.runId}: this run made up for it`,
      )
    }
  } catch (error) {
    // The success is safe; a dead letter too many does no harm.
    delivery.log.warn('earlier dead letters are not cleared', {reason: toMessageText(error)})
  }
}

function isOpen({runId, event, error, attempt, at}: LedgerEntry, entries: readonly LedgerEntry[]): boolean {
  const id = error?.deadLetterId
  if (event !== 'failed' || id === undefined) return false
  return !entries.some(
    other =>
      other.runId === runId &&
      other.at >= at &&
      ((other.event !== 'failed' && other.error?.deadLetterId === id) ||
        (other.event === 'started' && other.attempt > attempt) ||
        isOver(other)),
  )
}

function isOver({event}: LedgerEntry): boolean {
  return event === 'succeeded' || event === 'degraded' || event === 'discarded' || event === 'cancelled'
}

function toClearEntry(
  services: DeliveryServices,
  delivery: Delivery,
  {failure, success}: {readonly failure: LedgerEntry; readonly success: LedgerEntry},
): LedgerEntry {
  const {runId, part, messageId, error} = failure
  const id = error?.deadLetterId ?? ''
  const summary = `dead letter ${id} cleared: run ${success.runId} has ${success.event} since`
  return {
    ...toEntry(services, delivery, {attempt: 0, event: 'duplicate', at: success.at}),
    runId,
    part,
    messageId,
    args: {},
    summary,
    error: {name: clearedErrorName, message: summary, details: [], disposition: 'permanent', deadLetterId: id},
  }
}
