import {MiddlewareRefusal} from './middleware-refusal.ts'
import {Refusal} from './refusal.ts'

export type RateLimitOptions = {
  /** Length of the short window, 60 in the real service. */
  readonly windowSeconds?: number
  /** Requests to the whole `/api` in one short window. Default: the service's 10,000. */
  readonly requestsOfAll?: number
  /** Requests to the whole `/api` in an hour. Default: the service's 100,000. */
  readonly requestsOfAllAnHour?: number
  /**
   * Which moment a refusal names: that at which the window lets the next request pass, or, as the service's source
   * computes it (start of the window plus its length), the moment of the refusal itself. Default: `refusal`.
   */
  readonly names?: 'next' | 'refusal'
}

export type RateLimit = {
  /**
   * Counts one request to a route.
   *
   * @throws Refusal 429 once the window holds `perWindow` of them; a refused one is not counted.
   */
  readonly count: (route: string, perWindow: number) => void
  /** Counts one request to anything. @throws MiddlewareRefusal 429, without `detail`. */
  readonly countOfAll: () => void
}

/**
 * Sliding windows over the clock that is given, in one process. `retry_after`, `Retry-After` and `X-RateLimit-Reset` are
 * Unix times, not durations. `false` counts nothing.
 */
export function createRateLimit(options: boolean | RateLimitOptions, now: () => Date): RateLimit {
  if (options === false) return {count: () => undefined, countOfAll: () => undefined}
  const given = options === true ? {} : options
  const {windowSeconds = 60, requestsOfAll = 10_000, requestsOfAllAnHour = 100_000, names = 'refusal'} = given
  const windows = new Map<string, number[]>()

  return {
    count(route, perWindow) {
      const resetAt = take(route, perWindow, windowSeconds)
      if (resetAt === undefined) return
      throw new Refusal(429, {
        error: 'Rate limit exceeded',
        message: `Global rate limit exceeded for ${route}`,
        retry_after: resetAt,
      })
    },
    countOfAll() {
      const resetAt = take('/api', requestsOfAll, windowSeconds) ?? take('/api an hour', requestsOfAllAnHour, 3600)
      if (resetAt === undefined) return
      throw new MiddlewareRefusal(
        429,
        {error: 'Rate limit exceeded', message: 'Global rate limit exceeded', retry_after: resetAt},
        {
          'retry-after': String(resetAt),
          'x-ratelimit-limit': String(requestsOfAll),
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(resetAt),
        },
      )
    },
  }

  /** @returns the Unix time that a refusal names; undefined if there was room. */
  function take(key: string, limit: number, seconds: number): number | undefined {
    const time = now().getTime()
    const times = windows.get(key) ?? []
    windows.set(key, times)
    const left = times.findIndex(earlier => earlier > time - seconds * 1000)
    times.splice(0, left === -1 ? times.length : left)
    const [oldest] = times
    if (oldest === undefined || times.length < limit) {
      times.push(time)
      return undefined
    }
    return names === 'refusal' ? Math.floor(time / 1000) : Math.ceil(oldest / 1000 + seconds)
  }
}
