/** A request to the console that was refused; the message says what to do instead. */
export class ActionError extends Error {
  override readonly name = 'ActionError'
  /** HTTP status. */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
