/**
 * A reason without what differs from one dead letter to the next: moments, ids, hashes, quoted names, numbers. Reasons
 * with the same pattern are counted as one.
 */
export function toReasonPattern(reason: string): string {
  return (
    reason
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, '…')
      .replace(/\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi, '…')
      // The part of a run id that is its own is in Crockford's base 32, without I, L, O and U.
      .replace(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, '…')
      .replace(/"[^"]{0,200}"/g, '"…"')
      .replace(/\d+/g, '…')
  )
}
