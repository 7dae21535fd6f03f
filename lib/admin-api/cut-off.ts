import {UnavailableError} from '../errors/unavailable-error.ts'

/**
 * Whether a request that failed may still be worked on inside the API: there was no answer, or one of Cloud Run's in
 * front of it. A 500 is the API's own, and the end of its work.
 */
export function mayGoOnInside(error: unknown): boolean {
  if (!(error instanceof UnavailableError) || !error.mayHaveExecuted) return false
  return error.status === undefined || [502, 503, 504].includes(error.status)
}
