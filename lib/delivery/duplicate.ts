import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import {toMessageText} from '../log/error-text.ts'
import {type Delivery, type DeliveryServices, toEntry} from './delivery.ts'

/**
 * Another delivery of a run that is over: nothing runs, and the history says that it came. It may be the second half of
 * one publication, or somebody who republished the message by hand: the two look alike, so the way that works is
 * named.
 */
export async function recordDuplicate(
  services: DeliveryServices,
  delivery: Delivery,
  {event, error}: LedgerEntry,
): Promise<void> {
  const {request, log, message} = delivery
  const end = `run ${request.runId} has ${event === 'discarded' || event === 'cancelled' ? 'been ' : ''}${event} already`
  const way = event === 'failed' || event === 'discarded' ? toWay(error?.deadLetterId) : ''
  const summary = `message ${message.messageId} did nothing: ${end}${way}`
  log.info(summary)
  const entry = toEntry(services, delivery, {attempt: 0, event: 'duplicate', at: services.now(), summary})
  await services.ledger.record(services.redact(entry)).catch(cause => {
    log.warn('the duplicate is not in the run ledger', {reason: toMessageText(cause)})
  })
}

function toWay(deadLetterId: string | undefined): string {
  const command = deadLetterId === undefined ? '' : `npm run replay -- <env> ${deadLetterId}, or `
  return `; to run it again: ${command}publish its dead letter with all attributes, deadLetter-… included`
}
