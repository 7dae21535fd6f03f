import {isOrdered, type SqlType} from './sql-types.ts'

/** An expression of DuckDB with the type that it has in GoogleSQL. */
export type TypedSql = {
  readonly sql: string
  readonly type: SqlType
  /** The text of a literal; literals of text become dates and timestamps where those are expected. */
  readonly literal?: string
}

/** What a function gives for its arguments; undefined where no signature takes them. */
type Signature = (args: readonly TypedSql[]) => TypedSql | undefined

const numbers = new Set(['INT64', 'FLOAT64'])

/** Of exact types. GoogleSQL's implicit conversions within calls are left out. */
const exactly =
  (types: readonly SqlType[], type: SqlType, toSql: (...args: readonly string[]) => string): Signature =>
  args =>
    args.length === types.length && types.every((expected, index) => args[index]?.type === expected)
      ? {sql: toSql(...args.map(({sql}) => sql)), type}
      : undefined

const ofOne =
  (takes: (type: SqlType) => boolean, toSql: (sql: string) => string, type?: SqlType): Signature =>
  ([arg, ...others]) =>
    arg !== undefined && others.length === 0 && takes(arg.type)
      ? {sql: toSql(arg.sql), type: type ?? arg.type}
      : undefined

const any = () => true
const sameTypes = (args: readonly TypedSql[]): SqlType | undefined => {
  const types = new Set(args.map(({type}) => type).filter(type => type !== 'NULL'))
  const [type] = types
  return types.size === 1 ? type : undefined
}

const functions: Readonly<Record<string, readonly Signature[]>> = {
  COALESCE: [
    args => {
      const type = sameTypes(args)
      return type === undefined ? undefined : {sql: `coalesce(${args.map(({sql}) => sql).join(', ')})`, type}
    },
  ],
  CURRENT_DATE: [exactly([], 'DATE', () => 'current_date')],
  CURRENT_TIMESTAMP: [exactly([], 'TIMESTAMP', () => 'now()')],
  DATE: [exactly(['TIMESTAMP'], 'DATE', sql => `CAST(${sql} AS DATE)`)],
  IF: [
    ([condition, ...values]) => {
      const type = sameTypes(values)
      if (condition?.type !== 'BOOL' || values.length !== 2 || type === undefined) return undefined
      return {sql: `if(${[condition, ...values].map(({sql}) => sql).join(', ')})`, type}
    },
  ],
  JSON_VALUE: [
    ([json, path, ...others]) =>
      json?.type === 'JSON' &&
      path?.literal !== undefined &&
      others.length === 0 &&
      /^\$(\.\w+|\[\d+\])*$/.test(path.literal)
        ? {sql: `json_extract_string(${json.sql}, ${path.sql})`, type: 'STRING'}
        : undefined,
  ],
  LOWER: [exactly(['STRING'], 'STRING', sql => `lower(${sql})`)],
  PARSE_JSON: [exactly(['STRING'], 'JSON', sql => `CAST(${sql} AS JSON)`)],
  TIMESTAMP: [exactly(['STRING'], 'TIMESTAMP', sql => `CAST(${sql} AS TIMESTAMPTZ)`)],
  TO_JSON_STRING: [exactly(['JSON'], 'STRING', sql => `CAST(${sql} AS VARCHAR)`)],
  UPPER: [exactly(['STRING'], 'STRING', sql => `upper(${sql})`)],
}

const aggregates: Readonly<Record<string, readonly Signature[]>> = {
  ANY_VALUE: [ofOne(any, sql => `any_value(${sql})`)],
  COUNT: [ofOne(isOrdered, sql => `count(${sql})`, 'INT64')],
  COUNTIF: [exactly(['BOOL'], 'INT64', sql => `count_if(${sql})`)],
  MAX: [ofOne(isOrdered, sql => `max(${sql})`)],
  MIN: [ofOne(isOrdered, sql => `min(${sql})`)],
  SUM: [
    exactly(['INT64'], 'INT64', sql => `CAST(sum(${sql}) AS BIGINT)`),
    exactly(['FLOAT64'], 'FLOAT64', sql => `sum(${sql})`),
  ],
}

export function isAggregate(name: string): boolean {
  return Object.hasOwn(aggregates, name)
}

export function isFunction(name: string): boolean {
  return Object.hasOwn(functions, name) || isAggregate(name)
}

/** @returns undefined where no signature takes these arguments. */
export function callFunction(name: string, args: readonly TypedSql[]): TypedSql | undefined {
  const signatures = Object.hasOwn(functions, name) ? functions[name] : isAggregate(name) ? aggregates[name] : undefined
  for (const signature of signatures ?? []) {
    const result = signature(args)
    if (result !== undefined) return result
  }
  return undefined
}

/** Operators but for comparisons, of exact types. */
export function applyOperator(operator: string, args: readonly TypedSql[]): TypedSql | undefined {
  const type = sameTypes(args)
  const [first, second] = args
  if (first === undefined || type === undefined || args.some(arg => arg.type !== type)) return undefined
  if (operator === 'NOT') return type === 'BOOL' ? {sql: `(NOT ${first.sql})`, type} : undefined
  if (operator === 'MINUS') return numbers.has(type) ? {sql: `(- ${first.sql})`, type} : undefined
  if (second === undefined) return undefined
  const sql = `(${first.sql} ${operator} ${second.sql})`
  if (operator === 'AND' || operator === 'OR') return type === 'BOOL' ? {sql, type} : undefined
  if (operator === '||') return type === 'STRING' ? {sql, type} : undefined
  if (operator === 'LIKE') {
    return type === 'STRING' ? {sql: `(${first.sql} LIKE ${second.sql} ESCAPE '\\')`, type: 'BOOL'} : undefined
  }
  if (!numbers.has(type)) return undefined
  return {sql, type: operator === '/' ? 'FLOAT64' : type}
}
