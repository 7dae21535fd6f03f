import {bigQueryErrorOf} from '../../../lib/bigquery/bigquery-error.ts'
import {toMessageText} from '../../../lib/log/error-text.ts'
import {toPrintableLine} from '../../../lib/log/printable.ts'
import {GcloudError} from '../gcloud/gcloud-error.ts'

export type Wait = (milliseconds: number) => Promise<void>

/** How long Google may stay busy while a plan is made. */
const readingMilliseconds = 90_000
/** What was just made is known everywhere within 30 to 120 s; a deployment that waits can't fail because of it. */
const applyingMilliseconds = 300_000
/** A metric is known up to ten minutes after it was created. Source: Cloud Logging, "Log-based metrics". */
const metricMilliseconds = 660_000

/**
 * Repeats something while Google is busy (409, 412, 429, 5xx), and while what this deployment made isn't known yet.
 *
 * @param options.isMade whether a refusal is about something that this deployment made. Absent: nothing was made.
 * @param options.wait waits that many milliseconds; throws when interrupted.
 * @param options.onWait gets what is waited for, in words; undefined when that is over.
 * @throws what the last try threw.
 */
export async function whileBusy<T>(
  act: () => Promise<T>,
  options: {
    readonly wait: Wait
    readonly random: () => number
    readonly isMade?: (refusal: string) => boolean
    readonly onWait?: (reason: string | undefined) => void
  },
): Promise<T> {
  const {wait, random, isMade, onWait} = options
  let waited = 0
  for (let tries = 1; ; tries++) {
    try {
      const result = await act()
      if (waited > 0) onWait?.(undefined)
      return result
    } catch (error) {
      const reason = passingReason(error, isMade)
      const most = isMade === undefined ? readingMilliseconds : mostFor(error)
      if (reason === undefined || waited >= most) throw error
      // 50 % jitter, so that clients don't collide again: 2 s, 4 s … 32 s.
      const pause = 2000 * 2 ** Math.min(tries - 1, 4) * (0.5 + random() / 2)
      onWait?.(`${reason}; next try in ${Math.ceil(pause / 1000)} s`)
      await wait(pause)
      waited += pause
    }
  }
}

/** Why the same may succeed later; undefined: it won't. */
function passingReason(error: unknown, isMade: (refusal: string) => boolean = () => false): string | undefined {
  const text = toPrintableLine(toMessageText(error), 160)
  if (error instanceof GcloudError) {
    if (error.kind === 'busy') return `Google is busy: ${text}`
    return error.mayBeNew && isMade(error.refusal) ? `not known everywhere yet: ${text}` : undefined
  }
  const {status = 0, reason, message} = bigQueryErrorOf(error)
  const isBusy = [409, 412, 429].includes(status) || status >= 500 || reason === 'rateLimitExceeded'
  if (isBusy && reason !== 'duplicate') return `BigQuery is busy: ${text}`
  return status === 400 && /does not exist/i.test(message) && isMade(message)
    ? `not known everywhere yet: ${text}`
    : undefined
}

function mostFor(error: unknown): number {
  return /Cannot find metric/i.test(error instanceof GcloudError ? error.refusal : '')
    ? metricMilliseconds
    : applyingMilliseconds
}
