import {Refusal} from './refusal.ts'

export type RateLimitOptions = {
  /** Length of the window, 60 in the real service. */
  readonly windowSeconds?: number
  /** Whether a 429 carries `Retry-After` too, as some releases of the service do. Default: false. */
  readonly retryAfterHeader?: boolean
}

export type RateLimit = {
  /**
   * Counts one request to a route.
   *
   * @throws Refusal 429 with `retry_after` (seconds) once the window holds `perWindow` of them; a refused one is not counted.
   */
  readonly count: (route: string, perWindow: number) => void
}

/** Sliding windows, one a route, over the clock that is given. `false` counts nothing. */
export function createRateLimit(options: boolean | RateLimitOptions, now: () => Date): RateLimit {
  if (options === false) return {count: () => undefined}
  const {windowSeconds = 60, retryAfterHeader = false} = options === true ? {} : options
  const timesOfRoutes = new Map<string, number[]>()
  return {
    count(route, perWindow) {
      const time = now().getTime()
      const times = (timesOfRoutes.get(route) ?? []).filter(earlier => earlier > time - windowSeconds * 1000)
      timesOfRoutes.set(route, times)
      const [oldest] = times
      if (oldest === undefined || times.length < perWindow) return void times.push(time)
      const retryAfterSeconds = Math.max(1, Math.ceil((oldest - time) / 1000 + windowSeconds))
      throw new Refusal(
        429,
        {
          error: 'Rate limit exceeded',
          message: `Global rate limit exceeded for ${route}`,
          retry_after: retryAfterSeconds,
        },
        retryAfterHeader ? {'retry-after': String(retryAfterSeconds)} : {},
      )
    },
  }
}
