import {bigQueryErrorOf} from '../../../lib/bigquery/bigquery-error.ts'
import {GcloudError} from '../gcloud/gcloud-error.ts'

export type Wait = (milliseconds: number) => Promise<void>

const maxTries = 7

/**
 * Does something again while Google says that it is busy: 409 (somebody else writes the same policy), 429, 503, and
 * what was made a moment ago and is not known everywhere yet.
 *
 * @param options.wait waits that many milliseconds; throws when interrupted.
 * @throws what the last try threw.
 */
export async function whileBusy<T>(
  act: () => Promise<T>,
  options: {readonly wait: Wait; readonly random: () => number},
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act()
    } catch (error) {
      if (tries === maxTries || !isBusy(error)) throw error
      // Half of it by chance: those who collided do not meet again. 2 s, 4 s … 32 s.
      await options.wait(2000 * 2 ** Math.min(tries - 1, 4) * (0.5 + options.random() / 2))
    }
  }
}

function isBusy(error: unknown): boolean {
  if (error instanceof GcloudError) return error.kind === 'busy'
  const {status = 0, reason} = bigQueryErrorOf(error)
  return [409, 429, 503].includes(status) && reason !== 'duplicate'
}
