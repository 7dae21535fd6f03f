/** An attempt was begun on a claim that BigQuery then failed to write, and somebody else claimed it next. */
export class LostClaimError extends Error {
  override readonly name = 'LostClaimError'
}
