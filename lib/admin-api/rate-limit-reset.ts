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

/**
 * How long to wait for what `retry_after`, `Retry-After` or `X-RateLimit-Reset` says, in seconds. In this service they are
 * Unix times; in others, and in maintenance, durations.
 *
 * @returns undefined for what is neither a plausible time nor a plausible duration: the usual backoff does.
 */
export function parseWaitSeconds(value: unknown, now: Date): number | undefined {
  const seconds = typeof value === 'string' && /^\d{1,12}(?:\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) return undefined
  if (seconds < firstUnixTime) return seconds <= maxDurationSeconds ? seconds : undefined
  const ahead = seconds - now.getTime() / 1000
  if (ahead > maxAheadSeconds || ahead < -maxBehindSeconds) return undefined
  // A time in whole seconds may have been cut down by one.
  return ahead > 1 ? ahead + 1 : nowSeconds
}
