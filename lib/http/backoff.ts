/** How retries are spaced. Times are in seconds. */
export type BackoffPolicy = {
  /** Tries after the first. */
  readonly retries: number
  readonly firstDelaySeconds: number
  readonly maxDelaySeconds: number
}

/**
 * The wait before a retry: doubling, capped, with the upper half random, so that callers that failed together do not
 * come back together.
 *
 * @param retry which retry, from 1.
 * @param random from 0 to less than 1.
 */
export function backoffSeconds(policy: BackoffPolicy, retry: number, random: number): number {
  const full = Math.min(policy.maxDelaySeconds, policy.firstDelaySeconds * 2 ** (retry - 1))
  return full * (0.5 + random / 2)
}
