/** The database refused a statement; everything that the same transaction had done is undone. */
export class SqlError extends Error {
  override readonly name = 'SqlError'
  /** Five characters; source: PostgreSQL documentation, "Error codes". */
  readonly sqlState: string
  /** Line of the text that was sent, from 1, where the database names one. */
  readonly line: number | undefined
  /** The database's own words: message, and what it says as DETAIL, HINT and CONTEXT. */
  readonly words: string

  constructor(
    message: string,
    data: {sqlState: string; line: number | undefined; words: string},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.sqlState = data.sqlState
    this.line = data.line
    this.words = data.words
  }
}
