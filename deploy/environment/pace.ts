/** How often what a command waits for is looked for. */
export type Pace = {readonly nearMilliseconds: number; readonly farMilliseconds: number}

/**
 * The next pause: a tenth of the time since something happened. What comes soon is seen soon, and what takes long is seen
 * at most a tenth later than it came.
 */
export function nextPause({nearMilliseconds, farMilliseconds}: Pace, sinceNewsMilliseconds: number): number {
  return Math.min(farMilliseconds, Math.max(nearMilliseconds, sinceNewsMilliseconds / 10))
}
