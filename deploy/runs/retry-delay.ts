/** How Pub/Sub spaces deliveries that failed: doubling from the shortest to the longest. */
export type RetrySpacing = {readonly minimumSeconds: number; readonly maximumSeconds: number}

/** As `deploy` sets it for every push subscription, and as the sandbox does. */
export function retrySpacingOf(environmentName: string): RetrySpacing {
  return environmentName === 'local'
    ? {minimumSeconds: 1, maximumSeconds: 20}
    : {minimumSeconds: 10, maximumSeconds: 600}
}

/** When Pub/Sub delivers again after the n-th failure in a row, about. */
export function nextDeliveryAt(failedAt: Date, failures: number, {minimumSeconds, maximumSeconds}: RetrySpacing): Date {
  const seconds = Math.min(maximumSeconds, minimumSeconds * 2 ** Math.min(30, Math.max(0, failures - 1)))
  return new Date(failedAt.getTime() + seconds * 1000)
}
