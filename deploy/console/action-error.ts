/** Something that a person asked of the console and that isn't done; the message says what to do instead. */
export class ActionError extends Error {
  override readonly name = 'ActionError'
  /** HTTP status. */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
