import {type ProtoDuration, toMilliseconds} from '../wire/proto-duration.ts'

export type RetryPolicy = {readonly minimumBackoff: ProtoDuration; readonly maximumBackoff: ProtoDuration}

/** Without a retry policy a message is due again at once; a push gets a breath, or a dead endpoint made a busy loop. */
const pushDelayMilliseconds = 100

/** The same for a policy whose minimum is zero. */
const leastPushDelayMilliseconds = 10

/**
 * How long a message waits after its n-th failed attempt: the policy's minimum, doubled each time, up to its maximum.
 *
 * @param failedAttempts 1 after the first.
 * @param policy the subscription's; less than a second is fine.
 */
export function retryDelayMilliseconds(
  failedAttempts: number,
  policy: RetryPolicy | undefined,
  isPush: boolean,
): number {
  if (policy === undefined) return isPush ? pushDelayMilliseconds : 0
  const doubled = toMilliseconds(policy.minimumBackoff) * 2 ** Math.min(failedAttempts - 1, 30)
  const delay = Math.min(toMilliseconds(policy.maximumBackoff), doubled)
  return isPush ? Math.max(delay, leastPushDelayMilliseconds) : delay
}
