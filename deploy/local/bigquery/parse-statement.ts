import {beginsExpression, parseExpression} from './parse-expression.ts'
import {invalidQuery, unsupported} from './refusal.ts'
import {isReserved} from './reserved-keywords.ts'
import type {
  Delete,
  Expression,
  Insert,
  Ordering,
  Select,
  SelectItem,
  StatementTree,
  TablePath,
} from './statement-tree.ts'
import {createTokenReader, type TokenReader, unexpected} from './token-reader.ts'

/** Clauses that GoogleSQL has and the emulator doesn't. */
const otherClauses = [
  'CROSS',
  'FULL',
  'INNER',
  'JOIN',
  'LEFT',
  'RIGHT',
  'NATURAL',
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'QUALIFY',
  'WINDOW',
  'TABLESAMPLE',
  'FOR',
  ',',
]
/** Statements that GoogleSQL has and the emulator doesn't. */
const otherStatements = [
  'WITH',
  'UPDATE',
  'MERGE',
  'CREATE',
  'DROP',
  'ALTER',
  'TRUNCATE',
  'BEGIN',
  'COMMIT',
  'DECLARE',
  'SET',
  'CALL',
  'EXPORT',
  'LOAD',
  'GRANT',
  'REVOKE',
  'FROM',
  'IF',
  'EXECUTE',
  '(',
]

/**
 * Parses the part of GoogleSQL that the emulator supports. What isn't listed here is refused.
 *
 * @throws BigQueryRefusal 400 invalidQuery, in BigQuery's words.
 */
export function parseStatement(sql: string): StatementTree {
  const reader = createTokenReader(sql)
  const statement = parseKind(reader)
  const other = otherClauses.find(word => reader.isAt(word))
  if (other !== undefined && statement.kind === 'SELECT') throw unsupported(other, reader.peek())
  reader.end()
  return statement
}

function parseKind(reader: TokenReader): StatementTree {
  if (reader.accept('SELECT')) return parseSelect(reader)
  if (reader.accept('INSERT')) return parseInsert(reader)
  if (reader.accept('DELETE')) return parseDelete(reader)
  const other = otherStatements.find(word => reader.isAt(word))
  if (other !== undefined) throw unsupported(`${other} statements`, reader.peek())
  throw unexpected(reader.peek())
}

function parseSelect(reader: TokenReader): Select {
  const isDistinct = reader.accept('DISTINCT')
  const items = [parseItem(reader)]
  // A comma may end the list.
  while (reader.accept(',') && beginsExpression(reader.peek())) items.push(parseItem(reader))
  const table = reader.accept('FROM') ? parseTable(reader) : undefined
  const refused = otherClauses.find(word => reader.isAt(word))
  if (refused !== undefined) throw unsupported(refused, reader.peek())
  const where = optional(reader, 'WHERE')
  if (where !== undefined && table === undefined)
    throw invalidQuery('Query without FROM clause cannot have a WHERE clause')
  const groupBy = reader.accept('GROUP', 'BY') ? reader.list(() => parseExpression(reader)) : []
  const having = optional(reader, 'HAVING')
  const orderBy = reader.accept('ORDER', 'BY') ? reader.list(() => parseOrdering(reader)) : []
  const limit = optional(reader, 'LIMIT')
  const offset = limit === undefined ? undefined : optional(reader, 'OFFSET')
  return {kind: 'SELECT', isDistinct, items, table, where, groupBy, having, orderBy, limit, offset}
}

function optional(reader: TokenReader, keyword: string): Expression | undefined {
  return reader.accept(keyword) ? parseExpression(reader) : undefined
}

function parseItem(reader: TokenReader): SelectItem {
  const {line, column} = reader.peek()
  if (reader.accept('*')) return {kind: 'all', line, column}
  const value = parseExpression(reader)
  return {kind: 'value', value, alias: parseAlias(reader), line, column}
}

/** GoogleSQL takes an alias without AS too; the emulator doesn't, so that a stray word is never one. */
function parseAlias(reader: TokenReader): string | undefined {
  if (!reader.accept('AS')) {
    const {kind, text} = reader.peek()
    const isAlias = kind === 'quotedName' || (kind === 'word' && !isReserved(text) && text.toUpperCase() !== 'OFFSET')
    if (isAlias) throw unsupported('an alias without AS', reader.peek())
    return undefined
  }
  const token = reader.identifier()
  if (!/^[A-Za-z_]\w{0,299}$/.test(token.value)) throw invalidQuery(`Invalid field name "${token.value}"`, token)
  return token.value
}

function parseOrdering(reader: TokenReader): Ordering {
  const by = parseExpression(reader)
  const isDescending = reader.accept('DESC')
  if (!isDescending) reader.accept('ASC')
  if (reader.isAt('NULLS')) throw unsupported('NULLS FIRST and NULLS LAST', reader.peek())
  return {by, isDescending}
}

/** A quoted name may hold the whole path: `dataset.table`. */
function parseTable(reader: TokenReader, takesAlias = true): TablePath {
  const {line, column} = reader.peek()
  if (reader.isAt('(')) throw unsupported('a subquery', reader.peek())
  if (reader.isAt('UNNEST')) throw unsupported('UNNEST outside of IN', reader.peek())
  const parts = reader.identifier().value.split('.')
  while (reader.accept('.')) parts.push(...reader.identifier().value.split('.'))
  if (takesAlias && reader.isAt('(')) throw unsupported('a table function', reader.peek())
  return {parts, alias: takesAlias ? parseAlias(reader) : undefined, line, column}
}

function parseInsert(reader: TokenReader): Insert {
  reader.accept('INTO')
  const table = parseTable(reader, false)
  if (!reader.accept('(')) throw unsupported('INSERT without a list of columns', reader.peek())
  const columns = reader.list(() => {
    const {value: name, line, column} = reader.identifier()
    return {name, line, column}
  })
  reader.expect(')')
  if (reader.isAt('SELECT')) throw unsupported('INSERT … SELECT', reader.peek())
  reader.expect('VALUES')
  const rows = reader.list(() => {
    const {line, column} = reader.peek()
    reader.expect('(')
    if (reader.isAt('DEFAULT')) throw unsupported('DEFAULT', reader.peek())
    const values = reader.list(() => parseExpression(reader))
    reader.expect(')')
    return {values, line, column}
  })
  return {kind: 'INSERT', table, columns, rows}
}

function parseDelete(reader: TokenReader): Delete {
  const start = reader.peek()
  reader.accept('FROM')
  const table = parseTable(reader)
  if (!reader.accept('WHERE')) {
    if (reader.peek().kind === 'end') throw invalidQuery('DELETE must have a WHERE clause', {...start, column: 1})
    throw unexpected(reader.peek())
  }
  return {kind: 'DELETE', table, where: parseExpression(reader)}
}
