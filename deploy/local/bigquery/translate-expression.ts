import type {BoundParameter} from './parameters.ts'
import {invalidQuery, type Position, unsupported} from './refusal.ts'
import {applyOperator, callFunction, isAggregate, isFunction, type TypedSql} from './sql-functions.ts'
import {arrayOf, duckTypeOf, elementOf, isOrdered, isValueOf, type SqlType, toSqlType} from './sql-types.ts'
import type {Expression} from './statement-tree.ts'

/** What a statement's names mean. */
export type Scope = {
  /** By name in lower case: GoogleSQL's column names know no case. */
  readonly columns: ReadonlyMap<string, {readonly name: string; readonly type: SqlType}>
  /** Names that may stand before a column, in lower case. */
  readonly tableNames: ReadonlySet<string>
  readonly parameters: ReadonlyMap<string, BoundParameter>
  /** Columns that the statement reads. */
  readonly read: Set<string>
}

/** Between double quotes, as DuckDB takes any name. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

const casts: Readonly<Record<SqlType, readonly SqlType[]>> = {
  STRING: ['STRING', 'INT64', 'FLOAT64', 'BOOL', 'DATE', 'TIMESTAMP'],
  INT64: ['INT64', 'FLOAT64', 'STRING', 'BOOL'],
  FLOAT64: ['FLOAT64', 'INT64', 'STRING'],
  BOOL: ['BOOL', 'INT64', 'STRING'],
  DATE: ['DATE', 'STRING', 'TIMESTAMP'],
  TIMESTAMP: ['TIMESTAMP', 'STRING', 'DATE'],
}

/**
 * Checks an expression's names and types as GoogleSQL does, and translates it for DuckDB.
 *
 * @throws BigQueryRefusal
 */
export function translateExpression(expression: Expression, scope: Scope): TypedSql {
  const translate = (inner: Expression) => translateExpression(inner, scope)
  switch (expression.kind) {
    case 'name':
      return translateName(expression.parts, expression, scope)
    case 'literal':
      return translateLiteral(expression.type, expression.value, expression)
    case 'parameter': {
      const parameter = scope.parameters.get(expression.name.toLowerCase())
      if (parameter === undefined) throw invalidQuery(`Query parameter '${expression.name}' not found`, expression)
      return {sql: `CAST($${parameter.placeholder} AS ${duckTypeOf(parameter.type)})`, type: parameter.type}
    }
    case 'countRows':
      return {sql: 'count(*)', type: 'INT64'}
    case 'cast': {
      const type = toSqlType(expression.type)
      if (type !== expression.type) throw invalidQuery(`Type not found: ${expression.type}`, expression)
      const operand = translate(expression.operand)
      if (operand.type !== 'NULL' && casts[operand.type]?.includes(type) !== true) {
        throw invalidQuery(`Invalid cast from ${operand.type} to ${type}`, expression.operand)
      }
      return {sql: `CAST(${operand.sql} AS ${duckTypeOf(type)})`, type}
    }
    case 'call':
      return translateCall(expression.name, expression.args.map(translate), expression)
    case 'operation':
      return translateOperation(expression.operator, expression.operands.map(translate), expression)
    case 'in': {
      const operand = translate(expression.operand)
      const among = expression.among.map(translate)
      const [first, ...others] = comparable([operand, ...among]) ?? []
      if (first === undefined) throw mismatch('operator IN', [operand, ...among], expression)
      return {sql: `(${first} ${expression.isNegated ? 'NOT IN' : 'IN'} (${others.join(', ')}))`, type: 'BOOL'}
    }
    case 'inArray': {
      const operand = translate(expression.operand)
      const array = translate(expression.array)
      if (elementOf(array.type) !== operand.type || !isOrdered(operand.type)) {
        throw mismatch('operator IN UNNEST', [operand, array], expression)
      }
      const not = expression.isNegated ? 'NOT ' : ''
      return {sql: `(${operand.sql} ${not}IN (SELECT unnest(${array.sql})))`, type: 'BOOL'}
    }
    case 'is': {
      const operand = translate(expression.operand)
      if (expression.value !== 'NULL' && operand.type !== 'BOOL') {
        throw mismatch(`operator IS ${expression.value}`, [operand], expression)
      }
      return {sql: `(${operand.sql} IS ${expression.isNegated ? 'NOT ' : ''}${expression.value})`, type: 'BOOL'}
    }
  }
}

function translateName(parts: readonly string[], position: Position, scope: Scope): TypedSql {
  const [name = '', table, ...others] = parts.toReversed()
  const isQualified = table === undefined || scope.tableNames.has(table.toLowerCase())
  const column = scope.columns.get(name.toLowerCase())
  if (column === undefined || !isQualified || others.length > 0) {
    throw invalidQuery(`Unrecognized name: ${parts.join('.')}`, position)
  }
  scope.read.add(column.name)
  return {sql: quoteName(column.name.toLowerCase()), type: column.type}
}

function translateLiteral(type: SqlType, value: string, position: Position): TypedSql {
  if (type === 'NULL') return {sql: 'NULL', type}
  if (!isValueOf(type, value)) throw invalidQuery(`Invalid ${type} literal`, position)
  return {sql: `CAST(${quoteText(value)} AS ${duckTypeOf(type)})`, type, ...(type === 'STRING' ? {literal: value} : {})}
}

function translateCall(name: string, args: readonly TypedSql[], call: Expression & {kind: 'call'}): TypedSql {
  if (!isFunction(name)) throw invalidQuery(`Function not found: ${name}`, call)
  const [first, ...others] = args
  if (call.isDistinct) {
    if (!isAggregate(name)) {
      throw invalidQuery(`Non-aggregate function ${name} cannot be called with DISTINCT`, call)
    }
    if (first === undefined || others.length > 0) throw unsupported('DISTINCT here', call)
  }
  const distinct = call.isDistinct ? args.map(arg => ({...arg, sql: `DISTINCT ${arg.sql}`})) : args
  const result = callFunction(name, distinct)
  if (result === undefined) throw mismatch(`function ${name}`, args, call)
  return result
}

const comparisons = new Set(['=', '!=', '<>', '<', '<=', '>', '>='])

function translateOperation(operator: string, operands: readonly TypedSql[], position: Position): TypedSql {
  const isComparison = comparisons.has(operator)
  if (isComparison || operator === 'BETWEEN') {
    const [left, right, upper] = comparable(operands) ?? []
    if (left === undefined) throw mismatch(`operator ${operator}`, operands, position)
    const sql = isComparison ? `(${left} ${operator} ${right})` : `(${left} BETWEEN ${right} AND ${upper})`
    return {sql, type: 'BOOL'}
  }
  const result = applyOperator(operator, operands)
  if (result === undefined) throw mismatch(`operator ${operator === 'MINUS' ? '-' : operator}`, operands, position)
  return result
}

/** Texts of values in one type that has an order; undefined where GoogleSQL finds none. */
function comparable(values: readonly TypedSql[]): string[] | undefined {
  const types = [...new Set(values.map(({type}) => type))]
  const type = ['FLOAT64', 'INT64', 'TIMESTAMP', 'DATE', 'BOOL', 'STRING'].find(candidate => types.includes(candidate))
  if (type === undefined) return undefined
  const texts = values.map(value => coerce(value, type))
  return texts.includes(undefined) ? undefined : texts.filter(text => text !== undefined)
}

/**
 * A value as one of another type, where GoogleSQL converts it by itself: NULL, integers, and literals of text. Undefined
 * where it doesn't. Source: google/googlesql, docs/conversion_rules.md, "Coercion".
 */
export function coerce({sql, type, literal}: TypedSql, expected: SqlType): string | undefined {
  if (type === expected) return sql
  const isTime = expected === 'DATE' || expected === 'TIMESTAMP'
  const converts =
    type === 'NULL' ||
    (type === 'INT64' && expected === 'FLOAT64') ||
    (literal !== undefined && isTime && isValueOf(expected, literal))
  return converts ? `CAST(${sql} AS ${duckTypeOf(expected)})` : undefined
}

export function mismatch(what: string, args: readonly TypedSql[], position: Position) {
  const types = args.map(({type}) => (type === 'NULL' ? 'NULL' : type))
  return invalidQuery(`No matching signature for ${what} for argument types: ${types.join(', ')}`, position)
}

/** The type of a column with a mode. */
export function columnType(restName: string, mode: string): SqlType {
  const type = toSqlType(restName)
  if (type === undefined) throw unsupported(`columns of type ${restName}`)
  return mode === 'REPEATED' ? arrayOf(type) : type
}
