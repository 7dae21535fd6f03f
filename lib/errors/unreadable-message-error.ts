/** A message that no retry makes readable: not base64, not JSON, unknown job, arguments that the job refuses. */
export class UnreadableMessageError extends Error {
  override readonly name = 'UnreadableMessageError'
}
