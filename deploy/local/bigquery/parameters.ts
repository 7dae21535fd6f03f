import * as z from 'zod'
import {BigQueryRefusal} from './refusal.ts'

const typeSchema = z.object({type: z.string(), arrayType: z.object({type: z.string()}).optional()})
// The field is text; JSON's numbers and booleans are taken for it, as protocol buffers' JSON form allows.
const scalarValue = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(value => String(value))
  .nullish()
const valueSchema = z.object({
  value: scalarValue,
  arrayValues: z.array(z.object({value: scalarValue})).optional(),
})

/** A query parameter as the REST interface carries it. Source: BigQuery REST reference, QueryParameter. */
export const queryParameterSchema = z.object({
  name: z.string().optional(),
  parameterType: typeSchema,
  parameterValue: valueSchema.optional(),
})
export type QueryParameter = z.infer<typeof queryParameterSchema>

/** BigQuery's scalar types, as DuckDB calls them, with what a value of each looks like on the wire. */
const scalars: Readonly<Record<string, {duck: string; pattern: RegExp}>> = {
  STRING: {duck: 'VARCHAR', pattern: /^[\s\S]*$/},
  JSON: {duck: 'JSON', pattern: /^[\s\S]*$/},
  INT64: {duck: 'BIGINT', pattern: /^[-+]?\d{1,19}$/},
  INTEGER: {duck: 'BIGINT', pattern: /^[-+]?\d{1,19}$/},
  FLOAT64: {duck: 'DOUBLE', pattern: /^[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+|inf|nan)$/i},
  BOOL: {duck: 'BOOLEAN', pattern: /^(true|false)$/i},
  DATE: {duck: 'DATE', pattern: /^\d{4}-\d{1,2}-\d{1,2}$/},
  TIMESTAMP: {
    duck: 'TIMESTAMPTZ',
    pattern: /^\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}:\d{2}(\.\d{1,6})?\s?(Z|UTC|[-+]\d{1,2}(:?\d{2})?)?)?$/i,
  },
}

/** A parameter for DuckDB: an expression with a placeholder for text, and the text. */
export type BoundParameter = {
  readonly name: string
  readonly duckType: string
  readonly value: string | string[] | null
}

/**
 * Checks the parameters against their types, and against what the statement names.
 *
 * @throws BigQueryRefusal as BigQuery does: a parameter that is missing, of an unknown type, or not of its type.
 */
export function bindParameters(parameters: readonly QueryParameter[], named: ReadonlySet<string>): BoundParameter[] {
  const byName = new Map(parameters.map(parameter => [parameter.name?.toLowerCase(), parameter]))
  return [...named].map(name => {
    const parameter = byName.get(name.toLowerCase())
    if (parameter === undefined) throw invalid(`Query parameter '${name}' not found`)
    const {parameterType, parameterValue} = parameter
    const isArray = parameterType.type === 'ARRAY'
    const type = isArray ? (parameterType.arrayType?.type ?? '') : parameterType.type
    const scalar = Object.hasOwn(scalars, type) ? scalars[type] : undefined
    if (scalar === undefined)
      throw invalid(`Query parameter '${name}' has a type that the sandbox does not know: ${type}`)
    const check = (value: string | null | undefined): string | null => {
      if (value === null || value === undefined) return null
      if (!scalar.pattern.test(value)) throw invalid(`Invalid value for type ${type} in query parameter '${name}'`)
      return value
    }
    if (!isArray) return {name, duckType: scalar.duck, value: check(parameterValue?.value)}
    const values = (parameterValue?.arrayValues ?? []).map(({value}) => check(value) ?? '')
    return {name, duckType: `${scalar.duck}[]`, value: values}
  })
}

function invalid(message: string): BigQueryRefusal {
  return new BigQueryRefusal(400, 'invalidQuery', message)
}
