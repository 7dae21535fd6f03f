/** Somebody pressed Ctrl-C where nothing had begun yet. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
}
