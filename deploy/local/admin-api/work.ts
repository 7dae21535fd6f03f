import {setTimeout as delay, setImmediate as nextTurn} from 'node:timers/promises'

/** Work that ended before its end: its client had gone, or the stand-in was stopped. */
export class WorkStoppedError extends Error {
  override readonly name = 'WorkStoppedError'
}

/** After this many pauses of no length the event loop gets its turn, so that long work doesn't starve other requests. */
const PAUSES_PER_TURN = 500

/**
 * Gives one request's work its pauses.
 *
 * @param options.stopping fires when the stand-in is stopped: a pause under way ends at once.
 * @param options.mayGoOn asked after each pause.
 * @throws WorkStoppedError from a pause, where the work has to end.
 */
export function createPauses(options: {
  readonly stopping: AbortSignal
  readonly mayGoOn: () => boolean
}): (seconds: number) => Promise<void> {
  const {stopping, mayGoOn} = options
  let pauses = 0
  return async seconds => {
    pauses += 1
    if (seconds > 0) await delay(seconds * 1000, undefined, {signal: stopping}).catch(() => undefined)
    else if (pauses % PAUSES_PER_TURN === 0) await nextTurn()
    if (stopping.aborted || !mayGoOn()) throw new WorkStoppedError('the work was ended before its end')
  }
}

/**
 * The work's answer if it comes in time, else what `late` gives; the work goes on anyway.
 *
 * @param seconds as long as Cloud Run keeps a request open.
 */
export async function answerWithin<T>(work: Promise<T>, seconds: number, late: () => T): Promise<T> {
  const arrived = new AbortController()
  const limit = delay(seconds * 1000, undefined, {signal: arrived.signal}).then(late)
  try {
    return await Promise.race([work, limit])
  } finally {
    arrived.abort()
    // An aborted delay rejects, and nothing waits for it any more.
    limit.catch(() => undefined)
  }
}
