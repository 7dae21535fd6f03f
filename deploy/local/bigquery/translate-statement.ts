import type {TableMetadata} from './datasets.ts'
import type {BoundParameter} from './parameters.ts'
import {invalidQuery, type Position, unsupported} from './refusal.ts'
import {isOrdered} from './sql-types.ts'
import type {Delete, Expression, Insert, Select, SelectItem, StatementTree} from './statement-tree.ts'
import type {TableName} from './table-name.ts'
import {coerce, columnType, quoteName, type Scope, translateExpression} from './translate-expression.ts'

/** A statement of GoogleSQL as DuckDB takes it. */
export type Translation = {
  readonly sql: string
  /** Columns of the table that it reads. */
  readonly read: ReadonlySet<string>
}

/** The one table that a statement names. */
export type StatementTable = {readonly name: TableName; readonly metadata: TableMetadata}

/**
 * Checks names and types against the table and the parameters, and translates.
 *
 * @throws BigQueryRefusal
 */
export function translateStatement(
  statement: StatementTree,
  table: StatementTable | undefined,
  parameters: ReadonlyMap<string, BoundParameter>,
): Translation {
  const fields = table?.metadata.schema.fields ?? []
  const alias = statement.table?.alias ?? table?.name.table
  const scope: Scope = {
    columns: new Map(fields.map(({name, type, mode}) => [name.toLowerCase(), {name, type: columnType(type, mode)}])),
    tableNames: new Set(alias === undefined ? [] : [alias.toLowerCase()]),
    parameters,
    read: new Set(),
  }
  const target = table === undefined ? '' : `${quoteName(table.name.dataset)}.${quoteName(table.name.table)}`
  return {sql: toSql(statement, target, scope), read: scope.read}
}

function toSql(statement: StatementTree, target: string, scope: Scope): string {
  if (statement.kind === 'SELECT') return selectToSql(statement, target, scope)
  return statement.kind === 'INSERT' ? insertToSql(statement, target, scope) : deleteToSql(statement, target, scope)
}

function selectToSql(select: Select, target: string, scope: Scope): string {
  const outputs = outputsOf(select, scope)
  const names = outputs.map(({name}) => name.toLowerCase())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw invalidQuery(`Duplicate column names in the result are not supported. Found duplicate(s): ${twice}`)
  if (select.isDistinct) {
    const unordered = outputs.find(({type}) => !isOrdered(type))
    if (unordered !== undefined)
      throw invalidQuery(`Column ${unordered.name} of type ${unordered.type} cannot be used in SELECT DISTINCT`)
  }
  const keyed = (by: Expression, clause: string) => {
    const output = outputOf(by, outputs, clause)
    const found = output ?? translateExpression(by, scope)
    if (!isOrdered(found.type)) throw invalidQuery(`${clause} does not support expressions of type ${found.type}`, by)
    return output === undefined ? found.sql : clause === 'GROUP BY' ? output.sql : quoteName(output.name)
  }
  const clause = (keyword: string, parts: readonly string[]) =>
    parts.length === 0 ? '' : ` ${keyword} ${parts.join(', ')}`
  const condition = (keyword: string, expression: Expression | undefined) =>
    expression === undefined ? '' : ` ${keyword} ${toCondition(expression, keyword, scope)}`
  const limits = [select.limit, select.offset].map((expression, index) =>
    expression === undefined ? '' : ` ${index === 0 ? 'LIMIT' : 'OFFSET'} ${toCount(expression, scope)}`,
  )
  const groups = select.groupBy.map(by => keyed(by, 'GROUP BY'))
  const orders = select.orderBy.map(
    ({by, isDescending}) => `${keyed(by, 'ORDER BY')} ${isDescending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}`,
  )
  return [
    `SELECT ${select.isDistinct ? 'DISTINCT ' : ''}${outputs.map(({sql, name}) => `${sql} AS ${quoteName(name)}`).join(', ')}`,
    target === '' ? '' : ` FROM ${target}`,
    condition('WHERE', select.where),
    clause('GROUP BY', groups),
    condition('HAVING', select.having),
    clause('ORDER BY', orders),
    ...limits,
  ].join('')
}

type Output = Position & {readonly name: string; readonly sql: string; readonly type: string}

function outputsOf({items, table}: Select, scope: Scope): Output[] {
  let unnamed = 0
  return items.flatMap((item): Output[] => {
    const {line, column} = item
    if (item.kind === 'all') {
      if (table === undefined) throw invalidQuery('SELECT * must have a FROM clause', item)
      return [...scope.columns.values()].map(({name, type}) => {
        scope.read.add(name)
        return {name, type, sql: quoteName(name.toLowerCase()), line, column}
      })
    }
    const {sql, type} = translateExpression(item.value, scope)
    const name = item.alias ?? ownName(item) ?? `f${unnamed++}_`
    return [{name, sql: type === 'NULL' ? `CAST(${sql} AS BIGINT)` : sql, type, line, column}]
  })
}

/** A column's value has the column's name; anything else is `f0_`, `f1_`, … */
function ownName(item: SelectItem): string | undefined {
  return item.kind === 'value' && item.value.kind === 'name' ? item.value.parts.at(-1) : undefined
}

/** A result's column, named or counted. What is computed from one is left out: the name might mean the table's column. */
function outputOf(by: Expression, outputs: readonly Output[], clause: string): Output | undefined {
  if (by.kind === 'literal') {
    if (by.type !== 'INT64') throw invalidQuery(`Cannot ${clause} literal expressions`, by)
    const output = outputs[Number(by.value) - 1]
    if (output === undefined) throw invalidQuery(`${clause} is out of SELECT column number range: ${by.value}`, by)
    return output
  }
  if (by.kind !== 'name') throw unsupported(`${clause} of an expression`, by)
  if (by.parts.length > 1) return undefined
  return outputs.find(({name}) => name.toLowerCase() === by.parts[0]?.toLowerCase())
}

function toCondition(expression: Expression, clause: string, scope: Scope): string {
  const {sql, type} = translateExpression(expression, scope)
  if (type !== 'BOOL')
    throw invalidQuery(`${clause} clause should return type BOOL, but returns type ${type}`, expression)
  return sql
}

function toCount(expression: Expression, scope: Scope): string {
  const isCount = expression.kind === 'parameter' || (expression.kind === 'literal' && expression.type === 'INT64')
  const {sql, type} = translateExpression(expression, {...scope, columns: new Map()})
  if (!isCount || type !== 'INT64') throw invalidQuery('LIMIT expects an integer literal or parameter', expression)
  return sql
}

function insertToSql({table, columns, rows}: Insert, target: string, scope: Scope): string {
  const seen = new Set<string>()
  const targets = columns.map(position => {
    const column = scope.columns.get(position.name.toLowerCase())
    if (column === undefined)
      throw invalidQuery(`Column ${position.name} is not present in table ${table.parts.join('.')}`, position)
    if (seen.has(column.name)) throw invalidQuery(`INSERT has columns with duplicate name: ${position.name}`, position)
    seen.add(column.name)
    return column
  })
  const valueScope = {...scope, columns: new Map()}
  const lines = rows.map(row => {
    if (row.values.length !== targets.length) {
      throw invalidQuery(
        `Inserted row has wrong column count; Has ${row.values.length}, expected ${targets.length}`,
        row,
      )
    }
    const values = row.values.map((expression, index) => {
      const value = translateExpression(expression, valueScope)
      const column = targets[index]
      const sql = column === undefined ? undefined : coerce(value, column.type)
      if (sql !== undefined) return sql
      throw invalidQuery(
        `Value has type ${value.type} which cannot be inserted into column ${column?.name}, which has type ${column?.type}`,
        expression,
      )
    })
    return `(${values.join(', ')})`
  })
  const names = targets.map(({name}) => quoteName(name.toLowerCase()))
  return `INSERT INTO ${target} (${names.join(', ')}) VALUES ${lines.join(', ')}`
}

function deleteToSql({where}: Delete, target: string, scope: Scope): string {
  return `DELETE FROM ${target} WHERE ${toCondition(where, 'WHERE', scope)}`
}
