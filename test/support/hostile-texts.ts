import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** Where a shell that was injected into would leave a file. */
export const touched = join(tmpdir(), `hostile-${process.pid}`)

/** What people who mean harm, and accidents, put where text is expected; every boundary is given all of it. */
export const hostileTexts: readonly string[] = [
  "'; DROP TABLE job_runs; --",
  '" OR "1"="1',
  `\`touch ${touched}\``,
  `$(touch ${touched})`,
  `; touch ${touched} #`,
  `${'$'}{process.exit(9)}`,
  '../../../../etc/passwd',
  '..\\..\\windows',
  '/etc/passwd',
  '@/etc/passwd',
  '--help',
  '--yes',
  'soft\u00adhyphen\u2060\u2064',
  '__proto__',
  'constructor',
  'toString',
  '{"__proto__":{"polluted":true}}',
  '[]',
  'null',
  '-1e400',
  'NaN',
  'line\nbreak',
  'carriage\r\nreturn: {"severity":"EMERGENCY"}',
  'nul\u0000byte',
  'tab\tand\vothers\f',
  '\u001b[2J\u001b[1;1H',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://example.com\u001b\\link\u001b]8;;\u001b\\',
  '\u009b2J',
  'bell\u0007\b\b\b',
  'abc\u202edcba\u2066x\u2069\u200e\u061c',
  'zero\u200bwidth\ufeff',
  'lone \ud800 surrogate',
  '\u2028line\u2029paragraph',
  '😀'.repeat(300),
  'x'.repeat(100_000),
  '%00%0a%0d%1b[2J',
  '%s%s%s%n',
  '{{constructor.constructor("return 1")()}}',
  '<script>alert(1)</script>',
  '',
  ' ',
]

/** Control characters, separators of lines, halves of surrogate pairs, and what can't be seen but for joiners. */
const harmful = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u

const escapeCharacter = String.fromCharCode(27)
/** Our own colours are the only sequences that may reach a terminal. */
const colour = new RegExp(`${escapeCharacter}\\[\\d{1,3}(?:;\\d{1,3})*m`, 'g')

/** @returns the first place where a text would do something to a terminal, for a message; undefined: it does nothing. */
export function findHarm(text: string): string | undefined {
  const plain = text.replace(colour, '')
  const at = plain.search(harmful)
  return at < 0 ? undefined : JSON.stringify(plain.slice(Math.max(0, at - 40), at + 20))
}
