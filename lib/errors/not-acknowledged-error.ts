/**
 * Thrown by the handler so that Pub/Sub delivers the message again: the framework has no other way (resolving
 * acknowledges, throwing does not). The framework prints `stack`, and what happened is in the log already, so it is
 * one line.
 */
export class NotAcknowledgedError extends Error {
  override readonly name = 'NotAcknowledgedError'

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.stack = `not acknowledged, Pub/Sub delivers it again: ${reason}`
  }
}
