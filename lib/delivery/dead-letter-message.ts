import {deadLettersTopic} from '../job/job-name.ts'
import type {LedgerEntry} from '../ledger/ledger-entry.ts'
import type {RunLedger} from '../ledger/run-ledger.ts'
import {toMessageText} from '../log/error-text.ts'
import type {Log} from '../log/log.ts'
import {toPrintableLine} from '../log/printable.ts'
import type {Redact} from '../log/redact.ts'
import {type DeadLetterNote, toDeadLetter} from '../run/dead-letter.ts'
import type {MessagePublisher} from '../run/message-publisher.ts'

export type DeadLetterMessage = (
  original: {data: Buffer; attributes: Readonly<Record<string, string>>},
  note: DeadLetterNote,
  /** What the ledger is told; its error gets the dead letter's id. */
  entry: LedgerEntry & {error: NonNullable<LedgerEntry['error']>},
) => Promise<void>

/**
 * Sets a message aside: first to `dead-letters`, then the entry in the ledger. In this order nothing is lost: a letter
 * without an entry can still be acted on, an entry without a letter could not.
 *
 * @throws UnavailableError if the letter could not be published; the message must then not be acknowledged.
 */
export function createDeadLetterMessage(options: {
  readonly publisher: MessagePublisher
  readonly ledger: RunLedger
  readonly redact: Redact
  readonly log: Log
}): DeadLetterMessage {
  const {publisher, ledger, redact, log} = options
  return async (original, note, entry) => {
    const deadLetterId = await publisher.publish(deadLettersTopic, toDeadLetter(original, redact(note)))
    log.info(`set aside as dead letter ${deadLetterId}`, {kind: note.kind, deadLetterId})
    const error = {...entry.error, kind: note.kind, deadLetterId}
    await ledger.record(redact({...entry, error})).catch(cause => {
      log.error('the dead letter is safe, but the run ledger does not know of it', cause)
    })
  }
}

/** An error as the ledger keeps it. */
export function toLedgerError(
  error: Error,
  disposition: NonNullable<LedgerEntry['error']>['disposition'],
): NonNullable<LedgerEntry['error']> {
  return {name: error.name, message: toPrintableLine(toMessageText(error), 1500), details: [], disposition}
}
