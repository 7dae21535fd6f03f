import {InterruptedError} from '../errors/interrupted-error.ts'

/** Cloud Run kills an instance 10 s after SIGTERM; two of them are left for the answer to leave. */
const graceMilliseconds = 8000

/** What happens when the instance is told to stop. */
export type StopSignal = {
  readonly signal: AbortSignal
  /** Counts a delivery as in flight until it settles; the process ends when none is left, or the grace is over. */
  readonly track: (delivery: Promise<void>) => Promise<void>
}

/** What is needed of the process. */
type StoppableProcess = {
  readonly removeAllListeners: (name: NodeJS.Signals) => {
    readonly once: (name: NodeJS.Signals, listener: () => void) => unknown
  }
  readonly exit: (code: number) => void
}

/**
 * Tells runs in flight that the instance is stopping, and gives them time to hand over.
 *
 * The framework's own listeners end the process at once, and it adds them after the function is loaded: they are
 * replaced when the first event comes. Until then there is nothing to hand over.
 */
export function createStopSignal(process: StoppableProcess): StopSignal {
  const controller = new AbortController()
  const inFlight = new Set<Promise<void>>()
  let isListening = false

  const stop = () => {
    controller.abort(new InterruptedError('the instance was told to stop'))
    const grace = new Promise(resolve => setTimeout(resolve, graceMilliseconds))
    const settled = Promise.allSettled(inFlight).then(() => new Promise(resolve => setTimeout(resolve, 100)))
    void Promise.race([grace, settled]).then(() => process.exit(0))
  }
  return {
    signal: controller.signal,
    track(delivery) {
      if (!isListening) {
        isListening = true
        for (const name of ['SIGTERM', 'SIGINT'] as const) process.removeAllListeners(name).once(name, stop)
      }
      inFlight.add(delivery)
      return delivery.finally(() => inFlight.delete(delivery))
    },
  }
}
