/** Somebody pressed Ctrl-C where nothing had begun yet. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError'
}
