/** A message that no retry makes readable: not base64, not JSON, unknown job, arguments that the job refuses. */
export class InvalidMessageError extends Error {
  override readonly name = 'InvalidMessageError'
}
