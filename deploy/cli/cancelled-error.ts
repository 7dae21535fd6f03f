/** Ctrl-C, before anything had begun. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError'
}
