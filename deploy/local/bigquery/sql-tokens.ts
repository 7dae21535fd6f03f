import {invalidQuery, type Position, unsupported} from './refusal.ts'

/** A piece of GoogleSQL. `text` is what stands in the statement; a string's and a quoted name's value is decoded. */
export type SqlToken = Position & {
  readonly kind: 'word' | 'quotedName' | 'string' | 'number' | 'parameter' | 'sign' | 'end'
  readonly text: string
  readonly value: string
}

const space = /(?:\s|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)*/y
const patterns: readonly (readonly [SqlToken['kind'], RegExp])[] = [
  ['string', /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/y],
  ['quotedName', /`[^`\\\n]*`/y],
  ['parameter', /@[A-Za-z_]\w*/y],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['word', /[A-Za-z_]\w*/y],
  ['sign', /<=|>=|<>|!=|\|\||[-+*/=<>(),.;]/y],
]

/** Source: google/googlesql, docs/lexical.md, "Escape sequences"; those of code points are left out. */
const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
}

/**
 * Splits a statement of GoogleSQL; the last token is its end.
 *
 * @throws BigQueryRefusal where a character fits nowhere.
 */
export function tokenize(sql: string): SqlToken[] {
  const tokens: SqlToken[] = []
  for (let index = 0; ; ) {
    space.lastIndex = index
    index += space.exec(sql)?.[0].length ?? 0
    const position = positionOf(sql, index)
    if (index >= sql.length) return [...tokens, {kind: 'end', text: '', value: '', ...position}]
    const token = tokenAt(sql, index, position)
    tokens.push(token)
    index += token.text.length
  }
}

function tokenAt(sql: string, index: number, position: Position): SqlToken {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = index
    const text = pattern.exec(sql)?.[0]
    if (text === undefined) continue
    const token = {kind, text, value: decode(kind, text, position), ...position}
    checkEnd(sql, token, index + text.length)
    return token
  }
  const character = sql[index] ?? ''
  if (character === '`') throw invalidQuery('Syntax error: Unclosed identifier literal', position)
  if (character === "'" || character === '"') throw invalidQuery('Syntax error: Unclosed string literal', position)
  if (sql.startsWith('/*', index)) throw invalidQuery('Syntax error: Unclosed comment', position)
  if (/[?@$~^&|[\]{}:!%]/.test(character)) throw unsupported(`"${character}"`, position)
  throw invalidQuery(`Syntax error: Illegal input character "${character}"`, position)
}

/** What follows a literal without a blank: a raw or triple-quoted string, a name glued to a number. */
function checkEnd(sql: string, {kind, text, ...position}: SqlToken, end: number): void {
  const next = sql[end] ?? ''
  if (kind === 'number' && /\w/.test(next)) {
    throw invalidQuery('Syntax error: Missing whitespace between literal and alias', position)
  }
  const isPrefix = kind === 'word' && /^(r|b|rb|br)$/i.test(text)
  if ((isPrefix || kind === 'string') && /['"]/.test(next)) throw unsupported('this kind of string literal', position)
}

function decode(kind: SqlToken['kind'], text: string, position: Position): string {
  if (kind === 'parameter') return text.slice(1)
  if (kind === 'quotedName') {
    if (text.length === 2) throw invalidQuery('Syntax error: Invalid empty identifier', position)
    return text.slice(1, -1)
  }
  if (kind !== 'string') return text
  return text.slice(1, -1).replace(/\\(.)/g, (_, letter: string, offset: number) => {
    const character = escapes[letter]
    if (character !== undefined) return character
    const place = {...position, column: position.column + 1 + offset}
    throw invalidQuery(`Syntax error: Illegal escape sequence: \\${letter}`, place)
  })
}

function positionOf(sql: string, index: number): Position {
  const before = sql.slice(0, index).split('\n')
  return {line: before.length, column: (before.at(-1) ?? '').length + 1}
}
