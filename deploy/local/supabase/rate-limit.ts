/** Whether one more request is let through, and what the answer says about it. */
export type RateLimitVerdict = {readonly isAllowed: boolean; readonly headers: Readonly<Record<string, string>>}

const windowMilliseconds = 60_000

/**
 * Counts as the management API does: windows of a minute, each beginning with the first request after the last one. Who
 * has used up the window waits for its end. Every answer carries the headers; `x-ratelimit-reset` is in seconds
 * (supabase.com/docs/reference/api, rate limits).
 */
export function createRateLimit(options: {
  readonly requestsPerMinute: number
  readonly now: () => Date
}): () => RateLimitVerdict {
  let windowEnd = Number.NEGATIVE_INFINITY
  let used = 0
  return () => {
    const time = options.now().getTime()
    if (time >= windowEnd) {
      windowEnd = time + windowMilliseconds
      used = 0
    }
    used += 1
    return {
      isAllowed: used <= options.requestsPerMinute,
      headers: {
        'x-ratelimit-limit': String(options.requestsPerMinute),
        'x-ratelimit-remaining': String(Math.max(0, options.requestsPerMinute - used)),
        'x-ratelimit-reset': String(Math.ceil((windowEnd - time) / 1000)),
      },
    }
  }
}
