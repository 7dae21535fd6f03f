import {StatusError} from './status-error.ts'

/** Which message, and which of the times it was handed out. Good after a restart as well. */
export function toAckId(messageId: string, attempt: number): string {
  return `${messageId}-${attempt}`
}

/** @throws StatusError INVALID_ARGUMENT for an id that this server never gives. */
export function parseAckId(ackId: string): {messageId: string; attempt: number} {
  const [, messageId, attempt] = /^(\d+)-(\d+)$/.exec(ackId) ?? []
  if (messageId !== undefined) return {messageId, attempt: Number(attempt)}
  throw new StatusError('INVALID_ARGUMENT', `You have passed an invalid ack ID to the service (ack_id=${ackId}).`)
}

/** @throws StatusError INVALID_ARGUMENT unless it is 0 to 600 seconds; 0 refuses the message. */
export function checkAckDeadline(seconds: number): void {
  if (seconds >= 0 && seconds <= 600) return
  throw new StatusError(
    'INVALID_ARGUMENT',
    `Invalid ack deadline given (ack_deadline=${seconds}). The ack deadline must be between 0 and 600 seconds.`,
  )
}
