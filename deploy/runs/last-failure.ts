import {toShortReason} from './short-reason.ts'

/** A line about what last went wrong in a run that goes on; none where nothing is known. */
export function lastFailureText(reason: string | undefined): string[] {
  return reason === undefined || reason === '' ? [] : [`The last failure: ${toShortReason(reason)}`]
}
