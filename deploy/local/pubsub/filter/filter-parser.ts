import {StatusError} from '../wire/status-error.ts'
import type {Filter} from './filter.ts'
import {type FilterToken, invalidFilter, readFilterTokens} from './filter-tokens.ts'

const maxFilterBytes = 256
const keywords = ['AND', 'OR', 'NOT']

/**
 * Reads a subscription's filter: `attributes:key`, `attributes.key = "value"`, `!=`, `hasPrefix(attributes.key, "value")`,
 * `NOT` or `-`, `AND`, `OR`, parentheses; a key with other characters than letters, digits, `-` and `_` in quotes.
 * Mixing AND and OR takes parentheses. https://cloud.google.com/pubsub/docs/subscription-message-filter
 *
 * @returns undefined for the empty filter, which lets everything through.
 * @throws StatusError INVALID_ARGUMENT with the place of the mistake, also for more than 256 bytes.
 */
export function parseFilter(text: string): Filter | undefined {
  if (text === '') return undefined
  const bytes = Buffer.byteLength(text)
  if (bytes > maxFilterBytes) {
    throw new StatusError('INVALID_ARGUMENT', `The filter has ${bytes} bytes, and ${maxFilterBytes} are the limit.`)
  }
  const parser = createParser(readFilterTokens(text))
  const filter = parser.expression()
  parser.end()
  return filter
}

function createParser(tokens: readonly FilterToken[]) {
  let position = 0

  function peek(): FilterToken {
    const token = tokens[position]
    if (token === undefined) throw new RangeError('read past the end of a filter')
    return token
  }

  function take(text: string): boolean {
    const token = peek()
    if (token.text !== text || (token.kind !== 'symbol' && token.kind !== 'word')) return false
    position += 1
    return true
  }

  function expect(text: string): void {
    if (!take(text)) throw unexpected(`"${text}"`)
  }

  function unexpected(wanted: string): StatusError {
    const token = peek()
    return invalidFilter(`expected ${wanted}, not ${JSON.stringify(token.text)}`, token.column)
  }

  function expression(): Filter {
    const first = negation()
    for (const [word, kind, other] of [
      ['AND', 'and', 'OR'],
      ['OR', 'or', 'AND'],
    ] as const) {
      const parts = [first]
      while (take(word)) parts.push(negation())
      if (parts.length === 1) continue
      if (peek().kind === 'word' && peek().text === other) {
        throw invalidFilter('AND and OR can only be combined with parentheses', peek().column)
      }
      return {kind, of: parts}
    }
    return first
  }

  function negation(): Filter {
    return take('NOT') || take('-') ? {kind: 'not', of: condition()} : condition()
  }

  function condition(): Filter {
    if (take('(')) {
      const inner = expression()
      expect(')')
      return inner
    }
    if (take('hasPrefix')) return prefix()
    if (!take('attributes')) throw unexpected('a condition on "attributes"')
    if (take(':')) return {kind: 'has', key: key()}
    expect('.')
    const name = key()
    if (take('=')) return {kind: 'equals', key: name, value: string()}
    if (take('!=')) return {kind: 'differs', key: name, value: string()}
    throw unexpected('"=" or "!="')
  }

  function prefix(): Filter {
    expect('(')
    expect('attributes')
    expect('.')
    const name = key()
    expect(',')
    const value = string()
    expect(')')
    return {kind: 'prefix', key: name, value}
  }

  function key(): string {
    const token = peek()
    const isKey = token.kind === 'string' || (token.kind === 'word' && !keywords.includes(token.text))
    if (!isKey || token.text === '') throw unexpected('the name of an attribute')
    position += 1
    return token.text
  }

  function string(): string {
    const token = peek()
    if (token.kind !== 'string') throw unexpected('a value in double quotes')
    position += 1
    return token.text
  }

  function end(): void {
    if (peek().kind !== 'end') throw unexpected('AND, OR or the end')
  }

  return {expression, end}
}
