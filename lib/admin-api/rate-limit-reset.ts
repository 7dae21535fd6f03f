/** From here on a number is a Unix time, not a duration: 2001 in seconds, 31 years as a duration. */
const firstUnixTime = 1_000_000_000
/** No limit of the service has a longer window than an hour. */
const maxAheadSeconds = 2 * 3600
/** A duration longer than a day is none. */
const maxDurationSeconds = 86_400
/**
 * The service computes the end of its sliding window as "start plus length", which is the moment of the refusal itself.
 * Its windows are a minute long: waiting this long each time sits one out within a job's retries.
 */
const nowSeconds = 15
/** How far behind a named moment still means "now": clocks differ. */
const maxBehindSeconds = 120

// Source: RFC 9110, "HTTP-date": the one form that may be sent.
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * How long to wait for what `retry_after`, `Retry-After` or `X-RateLimit-Reset` says, in seconds. In this service they are
 * Unix times; in others, and in maintenance, durations; a proxy may send an HTTP date.
 *
 * @returns undefined for what is neither a plausible time nor a plausible duration: the usual backoff does.
 */
export function parseWaitSeconds(value: unknown, now: Date): number | undefined {
  const seconds = typeof value === 'string' ? parseText(value) : value
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) return undefined
  if (seconds < firstUnixTime) return seconds <= maxDurationSeconds ? seconds : undefined
  const ahead = seconds - now.getTime() / 1000
  if (ahead > maxAheadSeconds || ahead < -maxBehindSeconds) return undefined
  // A time in whole seconds may have been cut down by one.
  return ahead > 1 ? ahead + 1 : nowSeconds
}

function parseText(text: string): number {
  if (httpDate.test(text)) return Date.parse(text) / 1000
  return /^\d{1,12}(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
}
