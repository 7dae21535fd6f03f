import {type BigQueryRefusal, invalidQuery, unsupported} from './refusal.ts'
import {isReserved} from './reserved-keywords.ts'
import {type SqlToken, tokenize} from './sql-tokens.ts'

/** Reads a statement from left to right. Every refusal has BigQuery's words and the place. */
export type TokenReader = {
  readonly peek: (ahead?: number) => SqlToken
  readonly next: () => SqlToken
  /** Whether the next token is this keyword or sign. */
  readonly isAt: (text: string, ahead?: number) => boolean
  /** Takes the next tokens if they are these, in any case. */
  readonly accept: (...texts: readonly string[]) => boolean
  readonly expect: (text: string) => void
  /** An identifier: quoted, or a word that isn't reserved. @throws BigQueryRefusal */
  readonly identifier: () => SqlToken
  /** Elements with commas between them. */
  readonly list: <T>(element: () => T) => T[]
  readonly end: () => void
}

export function createTokenReader(sql: string): TokenReader {
  const tokens = tokenize(sql)
  const last = tokens.at(-1)
  if (last === undefined) throw unsupported('an empty statement')
  let index = 0

  const peek = (ahead = 0): SqlToken => tokens[index + ahead] ?? last
  const next = () => {
    const token = peek()
    index += 1
    return token
  }
  const isAt = (text: string, ahead = 0) => {
    const {kind, text: found} = peek(ahead)
    return (kind === 'word' || kind === 'sign') && found.toUpperCase() === text
  }
  const accept = (...texts: readonly string[]) => {
    const isThere = texts.every((text, ahead) => isAt(text, ahead))
    if (isThere) index += texts.length
    return isThere
  }
  return {
    peek,
    next,
    isAt,
    accept,
    expect(text) {
      if (!accept(text)) throw expected(/\w/.test(text) ? `keyword ${text}` : `"${text}"`, peek())
    },
    identifier() {
      const token = peek()
      const isName = token.kind === 'quotedName' || (token.kind === 'word' && !isReserved(token.text))
      if (!isName) throw unexpected(token)
      return next()
    },
    list(element) {
      const elements = [element()]
      while (accept(',')) elements.push(element())
      return elements
    },
    end() {
      accept(';')
      if (peek().kind !== 'end') throw expected('end of input', peek())
    },
  }
}

export function unexpected(token: SqlToken): BigQueryRefusal {
  return invalidQuery(`Syntax error: Unexpected ${describe(token)}`, token)
}

function expected(what: string, token: SqlToken): BigQueryRefusal {
  return invalidQuery(`Syntax error: Expected ${what} but got ${describe(token)}`, token)
}

function describe({kind, text}: SqlToken): string {
  if (kind === 'end') return 'end of statement'
  if (kind === 'word') return isReserved(text) ? `keyword ${text.toUpperCase()}` : `identifier "${text}"`
  if (kind === 'quotedName') return `identifier ${text}`
  if (kind === 'string') return `string literal ${text}`
  if (kind === 'number') return /^\d+$/.test(text) ? `integer literal "${text}"` : `floating point literal "${text}"`
  return kind === 'parameter' ? '"@"' : `"${text}"`
}
