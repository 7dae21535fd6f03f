import {deadLettersTopic} from '../job/job-name.ts'
import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import {toMessageText} from '../log/error-text.ts'
import {toPrintableLine} from '../log/printable.ts'
import {type DeadLetterNote, type OutgoingMessage, toDeadLetter} from '../run/dead-letter.ts'
import type {Delivery, DeliveryServices} from './delivery.ts'

/**
 * Dead-letters a message: first to `dead-letters`, then the entry in the ledger. In this order nothing is lost: a dead
 * letter without an entry can still be acted on, an entry without a dead letter could not.
 *
 * @param record writes the entry, whose error then has the dead letter's id.
 * @throws UnavailableError if the dead letter could not be published; the message must then not be acknowledged.
 */
export async function deadLetter(
  {publisher, redact}: Pick<DeliveryServices, 'publisher' | 'redact'>,
  {message, log}: {readonly message: OutgoingMessage; readonly log: Delivery['log']},
  {
    note,
    entry,
    record,
  }: {
    readonly note: DeadLetterNote
    readonly entry: LedgerEntry & {readonly error: NonNullable<LedgerEntry['error']>}
    readonly record: (entry: LedgerEntry) => Promise<void>
  },
): Promise<void> {
  const deadLetterId = await publisher.publish(deadLettersTopic, toDeadLetter(message, redact(note)))
  log.info(`dead-lettered as ${deadLetterId}`, {kind: note.kind, deadLetterId})
  const error = {...entry.error, kind: note.kind, deadLetterId}
  await record(redact({...entry, error})).catch(cause => {
    log.error('the dead letter is safe, but the run ledger does not know of it', cause)
  })
}

/** An error as the ledger keeps it. */
export function toLedgerError(
  error: Error,
  disposition: NonNullable<LedgerEntry['error']>['disposition'],
): NonNullable<LedgerEntry['error']> {
  return {name: error.name, message: toPrintableLine(toMessageText(error), 1500), details: [], disposition}
}
