/** A migration was answered with success, and yet its record isn't there: nothing of what it did is certain. */
export class UnrecordedError extends Error {
  override readonly name = 'UnrecordedError'

  constructor(fileNames: string) {
    super(
      `${fileNames}: answered with success, but there is no record in public.schema_migrations, so it does not count as applied: look for a transaction that is left open, or for a trigger or rule on that table`,
    )
  }
}
