/** A type of GoogleSQL: `STRING`, `ARRAY<STRING>`, or `NULL`, which an untyped NULL has. */
export type SqlType = string

type Scalar = {
  /** What DuckDB calls it. */
  readonly duckType: string
  /** What a value of it looks like on the wire, and in a literal. */
  readonly pattern: RegExp
}

const integer: Scalar = {duckType: 'BIGINT', pattern: /^[-+]?\d{1,19}$/}
const float: Scalar = {duckType: 'DOUBLE', pattern: /^[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?|inf|nan)$/i}
const boolean: Scalar = {duckType: 'BOOLEAN', pattern: /^(true|false)$/i}
const scalars: Readonly<Record<string, Scalar>> = {
  STRING: {duckType: 'VARCHAR', pattern: /^[\s\S]*$/},
  JSON: {duckType: 'JSON', pattern: /^[\s\S]*$/},
  INT64: integer,
  FLOAT64: float,
  BOOL: boolean,
  DATE: {duckType: 'DATE', pattern: /^\d{4}-\d{1,2}-\d{1,2}$/},
  TIMESTAMP: {
    duckType: 'TIMESTAMPTZ',
    pattern: /^\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}:\d{2}(\.\d{1,6})?\s?(Z|UTC|[-+]\d{1,2}(:?\d{2})?)?)?$/i,
  },
}
/** Names of the REST interface's that GoogleSQL doesn't know. */
const restNames: Readonly<Record<string, string>> = {INTEGER: 'INT64', FLOAT: 'FLOAT64', BOOLEAN: 'BOOL'}

/** The type that a schema's field or a parameter has; undefined for one that the emulator doesn't support. */
export function toSqlType(restName: string): SqlType | undefined {
  const name = Object.hasOwn(restNames, restName) ? (restNames[restName] ?? restName) : restName
  return Object.hasOwn(scalars, name) ? name : undefined
}

export function arrayOf(type: SqlType): SqlType {
  return `ARRAY<${type}>`
}

export function elementOf(type: SqlType): SqlType | undefined {
  return /^ARRAY<(\w+)>$/.exec(type)?.[1]
}

/** @throws TypeError for a type that toSqlType() doesn't give. */
export function duckTypeOf(type: SqlType): string {
  const element = elementOf(type)
  if (element !== undefined) return `${duckTypeOf(element)}[]`
  const scalar = Object.hasOwn(scalars, type) ? scalars[type] : undefined
  if (scalar === undefined) throw new TypeError(`the emulator has no type ${type}`)
  return scalar.duckType
}

/** Whether a text is a value of a type: dates exist, integers fit. */
export function isValueOf(type: SqlType, text: string): boolean {
  const scalar = Object.hasOwn(scalars, type) ? scalars[type] : undefined
  if (scalar?.pattern.test(text) !== true) return false
  if (type === 'INT64') return BigInt.asIntN(64, BigInt(text.replace(/^\+/, ''))) === BigInt(text.replace(/^\+/, ''))
  if (type !== 'DATE' && type !== 'TIMESTAMP') return true
  const [year = 0, month = 0, day = 0] = text.split(/[T ]/i)[0]?.split('-').map(Number) ?? []
  const date = new Date(Date.UTC(year, month - 1, day))
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** Types whose values have an order: JSON and arrays have none. */
export function isOrdered(type: SqlType): boolean {
  return type !== 'JSON' && elementOf(type) === undefined
}
