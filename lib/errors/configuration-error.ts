/**
 * Something outside the message is set wrong: an environment variable, a secret, a combination of them. Repeating
 * changes nothing until a person mends it. The problems name variables, never their values.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(`configuration is wrong: ${problems.join('; ')}`, options)
    this.problems = problems
  }
}
