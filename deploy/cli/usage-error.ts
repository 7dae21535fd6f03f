/** The command was called in a way that it can't do anything with: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** Whether the command's help says what would be right. */
  readonly isInHelp: boolean

  constructor(message: string, {isInHelp = true, ...options}: ErrorOptions & {readonly isInHelp?: boolean} = {}) {
    super(message, options)
    this.isInHelp = isInHelp
  }
}
