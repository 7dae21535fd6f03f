import timers from 'node:timers/promises'

const real = timers.setTimeout
const realSetTimeout = globalThis.setTimeout

/**
 * Sinon's bundle of fake timers doesn't reach `node:timers/promises`: while a test has its clock, a wait there goes by
 * that clock as well.
 */
export function fakeTimersPromises(): void {
  Object.assign(timers, {
    setTimeout: <T>(milliseconds?: number, value?: T, options: {readonly signal?: AbortSignal} = {}): Promise<T> => {
      if (globalThis.setTimeout === realSetTimeout) return real(milliseconds, value, options)
      const {signal} = options
      return new Promise<T>((resolve, reject) => {
        const stop = () => {
          clearTimeout(timer)
          reject(new DOMException('The operation was aborted', 'AbortError'))
        }
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', stop)
          resolve(value as T)
        }, milliseconds)
        signal?.addEventListener('abort', stop, {once: true})
        if (signal?.aborted) stop()
      })
    },
  })
}
