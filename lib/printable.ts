import {stripVTControlCharacters} from 'node:util'

// C0 and C1 controls but for tab and newline, the marks that turn the direction of text around, other separators of lines,
// and what is there and can't be seen.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed.
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** Ends what was cut. */
export const cutMark = '… (cut)'

/**
 * Text from outside, fit for a log line, the ledger and a terminal: no escape sequences, no control characters, no
 * more than `maxLength` UTF-16 units (cut, and marked as cut).
 */
export function toPrintable(text: string, maxLength = 2_000): string {
  const longest = maxLength * 4
  // Half a surrogate pair is no Unicode: Pub/Sub and BigQuery refuse what holds one.
  const clean = stripVTControlCharacters(text.slice(0, longest)).replace(unprintable, '').toWellFormed()
  if (clean.length <= maxLength && text.length <= longest) return clean
  return `${clean.slice(0, maxLength).toWellFormed()}${cutMark}`
}

/** The same on one line. */
export function toPrintableLine(text: string, maxLength = 500): string {
  return toPrintable(text.replace(/\s+/g, ' ').trim(), maxLength)
}
