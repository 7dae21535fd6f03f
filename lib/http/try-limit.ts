/** What ends one try of a request early: the signal of the attempt that it belongs to, or its own time. */
export type TryLimit = {
  readonly signal: AbortSignal
  readonly isTimeUp: () => boolean
  /** Belongs behind every try: nothing of it stays. */
  readonly release: () => void
}

/**
 * `AbortSignal.any` and `AbortSignal.timeout` in one. Both leave something behind with the signal that outlives them
 * (Node 24: about 2 kB a request, for as long as the attempt's signal lives), and an attempt may make 100,000 requests.
 */
export function createTryLimit(attempt: AbortSignal, milliseconds: number): TryLimit {
  const controller = new AbortController()
  let isTimeUp = false
  const stop = () => controller.abort(attempt.reason)
  const timer = setTimeout(() => {
    isTimeUp = true
    controller.abort(new DOMException('the time was up', 'TimeoutError'))
  }, milliseconds)
  attempt.addEventListener('abort', stop, {once: true})
  if (attempt.aborted) stop()
  return {
    signal: controller.signal,
    isTimeUp: () => isTimeUp,
    release() {
      clearTimeout(timer)
      attempt.removeEventListener('abort', stop)
    },
  }
}
