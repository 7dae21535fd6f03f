import {type Position, unsupported} from './refusal.ts'
import {isReserved} from './reserved-keywords.ts'
import type {SqlToken} from './sql-tokens.ts'
import type {Expression, LiteralType} from './statement-tree.ts'
import {type TokenReader, unexpected} from './token-reader.ts'

const comparisons = ['=', '!=', '<>', '<=', '>=', '<', '>']
/** Reserved words that begin an expression in GoogleSQL, which the emulator doesn't support. */
const otherExpressions = new Set(['ARRAY', 'CASE', 'EXISTS', 'EXTRACT', 'INTERVAL', 'NEW', 'STRUCT'])
const firstWords = otherExpressions.union(new Set(['CAST', 'FALSE', 'IF', 'NOT', 'NULL', 'TRUE']))

/** Whether a list of expressions can go on here: not with the end, nor with a reserved word such as FROM. */
export function beginsExpression({kind, text}: SqlToken): boolean {
  return kind !== 'end' && (kind !== 'word' || !isReserved(text) || firstWords.has(text.toUpperCase()))
}

const at = ({line, column}: Position): Position => ({line, column})

/** OR binds least, then AND, NOT, comparisons (which can't be chained), ||, + and -, * and /. */
export function parseExpression(reader: TokenReader): Expression {
  return leftToRight(reader, ['OR'], () => leftToRight(reader, ['AND'], () => parseNot(reader)))
}

function leftToRight(reader: TokenReader, operators: readonly string[], operand: () => Expression): Expression {
  let left = operand()
  for (;;) {
    const {text} = reader.peek()
    if (!operators.some(operator => reader.isAt(operator))) return left
    reader.next()
    left = {kind: 'operation', operator: text.toUpperCase(), operands: [left, operand()], ...at(left)}
  }
}

function parseNot(reader: TokenReader): Expression {
  const position = at(reader.peek())
  if (!reader.accept('NOT')) return parseComparison(reader)
  return {kind: 'operation', operator: 'NOT', operands: [parseNot(reader)], ...position}
}

function parseComparison(reader: TokenReader): Expression {
  const operand = parseSum(reader)
  const operator = comparisons.find(sign => reader.isAt(sign))
  if (operator !== undefined) {
    reader.next()
    const right = parseSum(reader)
    if (comparisons.some(sign => reader.isAt(sign))) throw unexpected(reader.peek())
    return {kind: 'operation', operator, operands: [operand, right], ...at(operand)}
  }
  if (reader.accept('IS')) {
    const isNegated = reader.accept('NOT')
    const value = (['NULL', 'TRUE', 'FALSE'] as const).find(word => reader.accept(word))
    if (value === undefined) throw unexpected(reader.peek())
    return {kind: 'is', operand, value, isNegated, ...at(operand)}
  }
  const isNegated = reader.isAt('NOT')
  if (isNegated) reader.next()
  const found = parseRange(reader, operand, isNegated)
  if (found === undefined && isNegated) throw unexpected(reader.peek())
  return found ?? operand
}

function parseRange(reader: TokenReader, operand: Expression, isNegated: boolean): Expression | undefined {
  const negate = (expression: Expression): Expression =>
    isNegated ? {kind: 'operation', operator: 'NOT', operands: [expression], ...at(operand)} : expression
  if (reader.accept('LIKE')) {
    return negate({kind: 'operation', operator: 'LIKE', operands: [operand, parseSum(reader)], ...at(operand)})
  }
  if (reader.accept('BETWEEN')) {
    const from = parseSum(reader)
    reader.expect('AND')
    return negate({kind: 'operation', operator: 'BETWEEN', operands: [operand, from, parseSum(reader)], ...at(operand)})
  }
  if (!reader.accept('IN')) return undefined
  const isArray = reader.accept('UNNEST')
  reader.expect('(')
  if (reader.isAt('SELECT')) throw unsupported('a subquery', reader.peek())
  const among = isArray ? [parseExpression(reader)] : reader.list(() => parseExpression(reader))
  reader.expect(')')
  const [array] = among
  if (isArray && array !== undefined) return {kind: 'inArray', operand, array, isNegated, ...at(operand)}
  return {kind: 'in', operand, among, isNegated, ...at(operand)}
}

function parseSum(reader: TokenReader): Expression {
  return leftToRight(reader, ['+', '-'], () =>
    leftToRight(reader, ['||'], () => leftToRight(reader, ['*', '/'], () => parseSigned(reader))),
  )
}

function parseSigned(reader: TokenReader): Expression {
  const position = at(reader.peek())
  if (!reader.accept('-')) return parsePrimary(reader)
  return {kind: 'operation', operator: 'MINUS', operands: [parseSigned(reader)], ...position}
}

function parsePrimary(reader: TokenReader): Expression {
  const token = reader.peek()
  const {kind, value} = token
  const position = at(token)
  const literal = (type: LiteralType, text = value): Expression => {
    reader.next()
    return {kind: 'literal', type, value: text, ...position}
  }
  if (kind === 'string') return literal('STRING')
  if (kind === 'number') return literal(/^\d+$/.test(value) ? 'INT64' : 'FLOAT64')
  if (kind === 'parameter') {
    reader.next()
    return {kind: 'parameter', name: value, ...position}
  }
  if (reader.accept('(')) {
    if (reader.isAt('SELECT')) throw unsupported('a subquery', reader.peek())
    const inner = parseExpression(reader)
    reader.expect(')')
    return inner
  }
  const word = kind === 'word' ? value.toUpperCase() : ''
  if (word === 'NULL') return literal('NULL')
  if (word === 'TRUE' || word === 'FALSE') return literal('BOOL', word)
  if ((word === 'DATE' || word === 'TIMESTAMP') && reader.peek(1).kind === 'string') {
    reader.next()
    return literal(word, reader.peek().value)
  }
  if (otherExpressions.has(word)) throw unsupported(word, position)
  if (reader.isAt('(', 1)) return parseCall(reader)
  return {kind: 'name', parts: parsePath(reader), ...position}
}

function parseCall(reader: TokenReader): Expression {
  const token = reader.next()
  const name = token.text.toUpperCase()
  const position = at(token)
  if (token.kind !== 'word') throw unsupported(`the function ${token.text}`, position)
  // Of the reserved words these begin an expression with a parenthesis.
  if (isReserved(name) && name !== 'IF' && name !== 'CAST') {
    throw unexpected(token)
  }
  reader.expect('(')
  if (name === 'CAST') {
    const operand = parseExpression(reader)
    reader.expect('AS')
    const type = reader.identifier().value.toUpperCase()
    reader.expect(')')
    return {kind: 'cast', operand, type, ...position}
  }
  if (name === 'COUNT' && reader.accept('*')) {
    reader.expect(')')
    return {kind: 'countRows', ...position}
  }
  const isDistinct = reader.accept('DISTINCT')
  const args = reader.isAt(')') ? [] : reader.list(() => parseExpression(reader))
  reader.expect(')')
  if (reader.isAt('OVER')) throw unsupported('a window function', reader.peek())
  return {kind: 'call', name, args, isDistinct, ...position}
}

/** `name`, or `table.name`. GoogleSQL lets a reserved word stand after the dot; here it is refused there too. */
function parsePath(reader: TokenReader): string[] {
  const parts = [reader.identifier().value]
  while (reader.accept('.')) parts.push(reader.identifier().value)
  return parts
}
