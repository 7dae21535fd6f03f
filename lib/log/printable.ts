import {stripVTControlCharacters} from 'node:util'

// C0 and C1 controls but for tab and newline, other separators of lines, and Unicode's "format" characters, which turn
// text around or hide it; but the joiners, of which emoji and some scripts are made.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed.
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]|(?![\u200c\u200d])\p{Cf}/gu

/** Ends what was cut. */
export const cutMark = '… (cut)'

/**
 * Text from outside, fit for a log line, the ledger and a terminal: no escape sequences, no control characters, no
 * more than `maxLength` UTF-16 units (cut, and marked as cut).
 */
export function toPrintable(text: string, maxLength = 2000): string {
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
