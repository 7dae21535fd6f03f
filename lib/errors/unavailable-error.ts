/** A counterpart that may well answer next time: no connection, a time-out, 408, 425, 429, 5xx. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
  /** Whether the request can have been carried out all the same; `no` only where that is proven. */
  readonly mayHaveExecuted: boolean
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined

  constructor(message: string, data: {mayHaveExecuted: boolean; status?: number | undefined}, options?: ErrorOptions) {
    super(message, options)
    this.mayHaveExecuted = data.mayHaveExecuted
    this.status = data.status
  }
}
