/** The job's signal fired: its time was up, or the instance was told to stop. Another attempt starts over. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
  /** Whether a request can have been carried out all the same; `no` only where none was sent. */
  readonly mayHaveExecuted: boolean

  constructor(message: string, options?: ErrorOptions & {mayHaveExecuted?: boolean}) {
    super(message, options)
    this.mayHaveExecuted = options?.mayHaveExecuted ?? true
  }
}
