import {BigQueryRefusal} from './refusal.ts'

/** A piece of GoogleSQL. `text` is what stands in the statement; a string's and a quoted name's value is decoded. */
export type SqlToken = {
  readonly kind: 'word' | 'quotedName' | 'string' | 'number' | 'parameter' | 'sign' | 'space'
  readonly text: string
  readonly value: string
}

const patterns: readonly (readonly [SqlToken['kind'], RegExp])[] = [
  ['space', /(?:\s+|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)/y],
  ['string', /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/y],
  ['quotedName', /`[^`\n]+`/y],
  ['parameter', /@[A-Za-z_]\w*/y],
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['word', /[A-Za-z_]\w*/y],
  ['sign', /<=|>=|<>|!=|\|\||[-+*/%=<>(),.;[\]]/y],
]

/**
 * Splits a statement of GoogleSQL, so that nothing inside a string, a name or a comment is taken for something else.
 *
 * @throws BigQueryRefusal where a character fits nowhere.
 */
export function tokenize(sql: string): SqlToken[] {
  const tokens: SqlToken[] = []
  for (let at = 0; at < sql.length; ) {
    const token = tokenAt(sql, at)
    if (token === undefined) {
      throw new BigQueryRefusal(
        400,
        'invalidQuery',
        `Syntax error: Unexpected "${sql.slice(at, at + 20)}" at [1:${at + 1}]`,
      )
    }
    at += token.text.length
    tokens.push(token)
  }
  return tokens
}

function tokenAt(sql: string, at: number): SqlToken | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const text = pattern.exec(sql)?.[0]
    if (text !== undefined) return {kind, text, value: decode(kind, text)}
  }
  return undefined
}

function decode(kind: SqlToken['kind'], text: string): string {
  if (kind === 'parameter') return text.slice(1)
  if (kind === 'quotedName') return text.slice(1, -1)
  if (kind !== 'string') return text
  return text.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => ({n: '\n', t: '\t', r: '\r'})[letter] ?? letter)
}
