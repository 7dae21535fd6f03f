import {NotAcknowledgedError} from '../errors/not-acknowledged-error.ts'
import {toMessageText} from '../log/error-text.ts'
import type {Log} from '../log/log.ts'
import type {Redact} from '../log/redact.ts'
import type {Deliver} from './deliver.ts'
import type {StopSignal} from './stop-signal.ts'

/**
 * What the framework calls with each event. Resolving is the acknowledgement; what is thrown becomes the answer's text,
 * so it is always an Error, and without secrets.
 */
export function createEventHandler({
  deliver,
  stop,
  redact,
  log,
}: {
  readonly deliver: Deliver
  readonly stop: StopSignal
  readonly redact: Redact
  readonly log: Pick<Log, 'error'>
}): (event: unknown) => Promise<void> {
  return async event => {
    try {
      await stop.track(deliver(event, stop.signal))
    } catch (error) {
      if (error instanceof NotAcknowledgedError) throw error
      log.error('the message could not be delivered', error)
      // Whatever was thrown: to the framework, `undefined` would be an acknowledgement.
      throw new NotAcknowledgedError(redact(toMessageText(error)))
    }
  }
}
