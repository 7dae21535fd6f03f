import {StatusError} from '../wire/status-error.ts'

export type FilterToken = {
  readonly kind: 'word' | 'string' | 'symbol' | 'end'
  /** A string's value with its escapes resolved; for everything else what stands in the text. */
  readonly text: string
  /** Where it starts, counted from 1. */
  readonly column: number
}

const pattern = /\s+|(?<word>[A-Za-z0-9_][A-Za-z0-9_-]*)|"(?<string>(?:[^"\\\n]|\\.)*)"|(?<symbol>!=|[=:.,()-])/uy

const escapeSequence =
  /\\(?:x(?<hex>[0-9A-Fa-f]{2})|u(?<short>[0-9A-Fa-f]{4})|U(?<long>[0-9A-Fa-f]{8})|(?<octal>[0-3][0-7]{2})|(?<other>.))/gsu

const simpleEscapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  '"': '"',
  "'": "'",
  '`': '`',
  '?': '?',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** @throws StatusError INVALID_ARGUMENT at the first thing that is no part of a filter. */
export function readFilterTokens(text: string): FilterToken[] {
  const tokens: FilterToken[] = []
  let position = 0
  while (position < text.length) {
    pattern.lastIndex = position
    const match = pattern.exec(text)
    const column = position + 1
    if (match === null) throw invalidFilter(`${JSON.stringify(text.charAt(position))} has no meaning here`, column)
    const {word, string, symbol} = match.groups ?? {}
    if (word !== undefined) tokens.push({kind: 'word', text: word, column})
    if (symbol !== undefined) tokens.push({kind: 'symbol', text: symbol, column})
    if (string !== undefined) tokens.push({kind: 'string', text: resolveEscapes(string, column), column})
    position += match[0].length
  }
  return [...tokens, {kind: 'end', text: 'the end', column: text.length + 1}]
}

export function invalidFilter(problem: string, column: number): StatusError {
  return new StatusError('INVALID_ARGUMENT', `The filter is invalid: ${problem} (at character ${column}).`)
}

function resolveEscapes(text: string, column: number): string {
  return text.replaceAll(escapeSequence, (...match) => {
    const groups: Record<string, string | undefined> = match.at(-1)
    const code = groups['hex'] ?? groups['short'] ?? groups['long']
    if (code !== undefined) return fromCodePoint(Number.parseInt(code, 16), column)
    if (groups['octal'] !== undefined) return fromCodePoint(Number.parseInt(groups['octal'], 8), column)
    const simple = simpleEscapes[groups['other'] ?? '']
    if (simple === undefined) throw invalidFilter(`\\${groups['other']} is no escape sequence`, column)
    return simple
  })
}

function fromCodePoint(code: number, column: number): string {
  const isSurrogate = code >= 0xd8_00 && code <= 0xdf_ff
  if (code > 0x10_ff_ff || isSurrogate) throw invalidFilter(`${code.toString(16)} is no Unicode character`, column)
  return String.fromCodePoint(code)
}
